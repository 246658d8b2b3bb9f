// Package graph shows who may talk to whom: it turns what package netpol knows of
// a cluster into a small graph, and writes that as text, Mermaid, DOT or SVG.
//
// Pods that policies treat alike share a node. What no policy isolates is said at
// the node, since drawing it would join everything with everything: an edge stands
// only for a connection that some policy allows. Many equal edges become one, from
// or to a namespace as a whole or any pod of the cluster. Nodes of the cluster are
// left out, but for host endpoints, and so are probes from a pod's own node.
//
// Everything that comes from manifests is escaped for the format it is written in.
// The same cluster gives the same bytes.
package graph

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/netpol"
)

// Kind of a node.
type Kind uint8

// The kinds of nodes.
const (
	// Pods are workloads that policies treat alike.
	Pods Kind = iota
	// Others is any other pod of a namespace.
	Others
	// Namespace is all pods of a namespace, those included that nobody renders.
	Namespace
	// AnyPod is every pod of the namespaces in the graph that is not restricted in the
	// direction of the edge.
	AnyPod
	// Outside is addresses outside the cluster.
	Outside
	// Host is host endpoints.
	Host
)

// Node is one end of edges.
type Node struct {
	Kind Kind
	// Namespace of pods, and of what stands for all of them.
	Namespace string
	// Names of the workloads or host endpoints, or what else the node is, a line each.
	Names []string
	// Notes say what no edge shows, a line each.
	Notes []string
	// Open says that no policy isolates the node in some direction.
	Open bool
	// Covers are the places of the nodes that a whole stands for.
	Covers []int
}

// Edge is connections that policies allow.
type Edge struct {
	From, To int
	// Label lists protocols and ports.
	Label string
	// Unsure says that some or all of them are not known to be allowed.
	Unsure bool
}

// Graph is nodes by namespace and name, and edges between their places.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Of makes the graph of a cluster.
func Of(c *netpol.Cluster) *Graph {
	b := newBuilder(c)
	b.connect()
	b.fromWholes()
	b.toWholes()
	return b.graph()
}

// Write writes a graph in a format: text, mermaid, dot or svg.
func Write(g *Graph, format string) ([]byte, error) {
	var out strings.Builder
	switch format {
	case "text":
		g.text(&out)
	case "mermaid":
		g.mermaid(&out)
	case "dot":
		g.dot(&out)
	case "svg":
		g.svg(&out)
	default:
		return nil, fmt.Errorf("there is no format %q; want text, mermaid, dot or svg", format)
	}
	return []byte(out.String()), nil
}
