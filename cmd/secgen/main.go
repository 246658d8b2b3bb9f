// Command secgen lints Kubernetes manifests that are kept in Git and compiles
// the guardrails of their namespaces. See docs/architecture.md for the walk
// through the code.
package main

import "os"

func main() { os.Exit(Main()) }
