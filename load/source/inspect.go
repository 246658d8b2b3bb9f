package source

import (
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// inspector walks a parsed document without ever following an alias: an anchored
// value is complete before an alias can name it, or else it holds itself.
type inspector struct {
	file    string
	limits  Limits
	anchors map[*yaml.Node]extent
	inside  map[*yaml.Node]bool
	nodes   int
	aliased int
	// key is the map key under which the walk is.
	key string
	// malformed says that the problem may have a cause that the text shows.
	malformed bool
}

// extent is how much a value is with its aliases expanded.
type extent struct{ nodes, depth int }

// inspect refuses a document that expands too far, that holds what kustomize drops
// in silence, or that no client of Kubernetes can read.
func inspect(file string, doc *yaml.Node, limits Limits) *parseProblem {
	if doc == nil {
		return nil
	}
	i := inspector{file: file, limits: limits}
	if _, p := i.walk(doc, 0); p != nil {
		return &parseProblem{Problem: p, malformed: i.malformed}
	}
	return nil
}

func (i *inspector) walk(n *yaml.Node, depth int) (extent, *Problem) {
	if i.nodes++; i.nodes > i.limits.Nodes {
		return extent{}, i.problem(n, "holds more than %d values", i.limits.Nodes)
	}
	if n.Kind == yaml.AliasNode {
		return i.alias(n, depth)
	}
	if n.Anchor != "" {
		if i.anchors == nil {
			i.anchors, i.inside = map[*yaml.Node]extent{}, map[*yaml.Node]bool{}
		}
		i.inside[n] = true
	}
	if p := i.checkTag(n); p != nil {
		return extent{}, p
	}
	total := extent{nodes: 1}
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		total.depth = 1
		if depth++; depth > i.limits.Depth {
			return extent{}, i.problem(n, "is nested more than %d levels deep", i.limits.Depth)
		}
	}
	for at, c := range n.Content {
		if n.Kind == yaml.MappingNode && at%2 == 1 {
			i.key = n.Content[at-1].Value
		}
		e, p := i.walk(c, depth)
		if p != nil {
			return extent{}, p
		}
		total.nodes += e.nodes
		if d := e.depth + 1; d > total.depth && total.depth > 0 {
			total.depth = d
		}
	}
	if n.Kind == yaml.MappingNode {
		if p := i.checkKeys(n); p != nil {
			return extent{}, p
		}
	}
	if n.Anchor != "" {
		i.anchors[n] = total
		delete(i.inside, n)
	}
	return total, nil
}

func (i *inspector) alias(n *yaml.Node, depth int) (extent, *Problem) {
	if n.Alias == nil || i.inside[n.Alias] {
		return extent{}, i.problem(n, "the alias *%s stands inside the value that it names (line %d), so it has no end; write the value out", n.Value, anchorLine(n))
	}
	e := i.anchors[n.Alias]
	if i.aliased += e.nodes; i.aliased > i.limits.AliasNodes {
		return extent{}, i.problem(n, "alias expansion > %d nodes: the aliases of this document multiply (*%s); write the values out", i.limits.AliasNodes, n.Value)
	}
	if depth+e.depth > i.limits.Depth {
		return extent{}, i.problem(n, "is nested more than %d levels deep once the alias *%s is expanded", i.limits.Depth, n.Value)
	}
	return e, nil
}

func anchorLine(alias *yaml.Node) int {
	if alias.Alias == nil {
		return alias.Line
	}
	return alias.Alias.Line
}

// standardTags are those that YAML defines and clients of Kubernetes understand.
// !!binary is left out: kustomize drops the tag, and with it the decoding.
var standardTags = map[string]bool{
	"": true, "!": true, "!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true,
	"!!map": true, "!!seq": true, "!!timestamp": true, "!!merge": true,
}

func (i *inspector) checkTag(n *yaml.Node) *Problem {
	if n.Style&yaml.TaggedStyle != 0 && !standardTags[n.ShortTag()] {
		return i.problem(n, "has the tag %s, which Kubernetes does not know and kustomize drops; write the plain value", n.ShortTag())
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!float" {
		return nil
	}
	text := strings.ReplaceAll(n.Value, "_", "")
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		// .inf, -.inf and .nan are the floats that Go does not parse.
		return i.problem(n, "%s: %s is no number that JSON can hold; quote it if it is text", i.key, n.Value)
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return i.problem(n, "%s: %s is no number that JSON can hold (it is infinite); quote it if it is text", i.key, n.Value)
	}
	return nil
}

// kindNames is what the tags of scalars are called.
var kindNames = map[string]string{"!!int": "number", "!!float": "number", "!!bool": "boolean", "!!null": "null"}

// fewKeys is up to where comparing all keys is cheaper than a map.
const fewKeys = 8

func (i *inspector) checkKeys(n *yaml.Node) *Problem {
	var seen map[string]*yaml.Node
	if len(n.Content)/2 > fewKeys {
		seen = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	for k := 0; k+1 < len(n.Content); k += 2 {
		key := n.Content[k]
		for hops := 0; key.Kind == yaml.AliasNode && hops < 2; hops++ {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			i.malformed = true
			return i.problem(n.Content[k], "a key of a map must be a string, and this one is a map or a list")
		}
		switch tag := key.ShortTag(); tag {
		case "!!merge":
			continue
		case "!!str":
		case "!!int", "!!float", "!!bool", "!!null":
			return i.problem(n.Content[k], "the key %s is read as a %s, and keys must be strings; quote it: %q", key.Value, kindNames[tag], key.Value)
		}
		first := seen[key.Value]
		if seen == nil {
			for j := 0; j < k; j += 2 {
				if n.Content[j].Value == key.Value && n.Content[j].Kind == yaml.ScalarNode {
					first = n.Content[j]
					break
				}
			}
		} else {
			seen[key.Value] = key
		}
		if first != nil {
			return i.problem(n.Content[k], "the key %q stands in this map twice, in lines %d and %d; keep one", key.Value, first.Line, n.Content[k].Line)
		}
	}
	return nil
}

func (i *inspector) problem(n *yaml.Node, format string, args ...any) *Problem {
	return problemAt(i.file, n.Line, n.Column, format, args...)
}
