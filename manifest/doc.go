// Package manifest holds the nouns that every other package speaks of: a
// Kubernetes object as a tree of nodes that know their source position, its
// identity, field paths and positions.
//
// It promises that a tree says what the Kubernetes API server would read (YAML
// 1.1 booleans and octal numbers resolved, aliases and merge keys expanded) and
// where in the repository each value stands. It knows nothing of kustomize, CUE
// or rules, and imports nothing of ours.
package manifest
