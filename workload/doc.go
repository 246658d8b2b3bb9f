// Package workload knows what the field knows about pods: where each kind keeps
// its pod template, what a container's effective security context is, what an
// image reference names, what a selector selects, what a pod demands and how many
// of them there are at the most.
//
// It promises the semantics of the Kubernetes API server and kubelet, computed
// from a tree of nodes, so that every answer can still say where it was written.
// What is written as ${VAR}, or is invalid, is reported as unknown and never
// guessed. It knows nothing of rules, of namespaces' defaults (limit ranges) or
// of what admission webhooks would change.
package workload
