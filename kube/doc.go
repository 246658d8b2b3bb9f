// Package kube knows the Kubernetes API as its server reads manifests: which
// fields the built-in kinds have and of what type, which values they take, and
// when each API version came out of use.
//
// It promises to find what the API server would drop without a word (unknown
// fields) or refuse (wrong types, invalid values) in an object of a built-in
// kind, and to stay silent about everything else: custom resources, status, and
// values that something fills in later. The fields come from k8s.io/api v0.37, so
// a field that a newer release adds is not known here.
//
// It does not know CustomResourceDefinitions and APIServices, which live outside
// k8s.io/api, what admission adds or refuses, nor the rules that tie several
// fields together.
package kube

//go:generate go run ./gen
