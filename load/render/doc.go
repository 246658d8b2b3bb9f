// Package render builds one root of a repository into Kubernetes objects and says
// where in the repository each of their fields was written.
//
// It promises that the objects are those that kustomize builds (without load
// restrictions, as Flux does), that nothing is dialled, executed or written, that
// nothing outside the repository is read, and that a position which is not marked
// approximate names a place that holds the value, or the entry of a kustomization
// that made it.
//
// How positions survive kustomize: package kyaml keeps the line and column of
// every YAML node through bases, overlays and strategic merges. Each resource and
// patch is handed to kustomize with leading empty lines of its own (tags.go), so
// that the line of a node names file and line at once. What loses its line
// (JSON 6902 patches, transformers, generators) is explained afterwards from a
// walk through the same kustomizations (accumulate.go), and compared with the
// rendered value before it is claimed (explain.go).
//
// It does not know what custom generators, transformers and validators do to a
// field: those are approximate. It uses kustomize's global OpenAPI state, so only
// one root may be built in a process at a time.
package render
