package kube

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Fault is how a field is wrong.
type Fault string

// The faults of a field.
const (
	// Unknown: the API server drops the field, or refuses it where it is strict.
	Unknown Fault = "unknown"
	// WrongType: the API server cannot decode the object.
	WrongType Fault = "type"
	// Invalid: the API server refuses the value.
	Invalid Fault = "value"
)

// Problem is a field that is wrong. Its texts never hold the value of a Secret,
// of a variable or of an annotation.
type Problem struct {
	Fault Fault
	// Path leads from the object to the field.
	Path manifest.FieldPath
	// Name of the field, and the type that holds it: securityContex, Container.
	Name, In string
	// Nearest is the field that was probably meant, of an unknown one, or "".
	Nearest string
	// Found and Want say what stands there and what the API server takes.
	Found, Want string
}

// Check returns what is wrong with the fields of an object of a built-in kind,
// in the order of its fields; nothing for other kinds.
func Check(o *manifest.Node) []Problem {
	id := manifest.IDOf(o)
	t := typeOf(id.APIVersion, id.Kind)
	if t == nil {
		return nil
	}
	c := checker{id: id, top: o}
	c.walk(t, o)
	return c.problems
}

// checker walks an object beside its type. path is where it stands; it is copied
// only for a problem.
type checker struct {
	id       manifest.ID
	top      *manifest.Node
	path     manifest.FieldPath
	problems []Problem
}

func (c *checker) add(p Problem) {
	p.Path = append(manifest.FieldPath(nil), c.path...)
	if p.Name == "" && len(p.Path) > 0 {
		p.Name = p.Path[len(p.Path)-1].Key
	}
	c.problems = append(c.problems, p)
}

func (c *checker) walk(t *typ, n *manifest.Node) {
	if n.IsNull() || filledLater(n) {
		return
	}
	if !fits(t.shape, n) {
		c.add(Problem{Fault: WrongType, Found: nounOf(n), Want: t.shape.noun()})
		return
	}
	switch t.shape {
	case object:
		for i := range n.Fields {
			c.member(t, n, &n.Fields[i])
		}
	case list:
		for i, item := range n.Items {
			c.path = append(c.path, manifest.Step{Index: i, IsIndex: true})
			c.walk(&types[t.of], item)
			c.path = c.path[:len(c.path)-1]
		}
	case mapping:
		for i := range n.Fields {
			c.path = append(c.path, manifest.Step{Key: n.Fields[i].Key})
			c.walk(&types[t.of], n.Fields[i].Value)
			c.path = c.path[:len(c.path)-1]
		}
	case quantity:
		c.valid(isQuantity, n)
	}
}

// member judges one field of an object.
func (c *checker) member(t *typ, parent *manifest.Node, f *manifest.Field) {
	if f.Value.IsNull() || strings.Contains(f.Key, "$") {
		return
	}
	c.path = append(c.path, manifest.Step{Key: f.Key})
	defer func() { c.path = c.path[:len(c.path)-1] }()
	known := t.field(f.Key)
	if known == nil {
		if len(c.path) > 1 || !addedByTools[f.Key] {
			c.add(Problem{Fault: Unknown, Name: f.Key, In: t.name, Nearest: nearest(t, f.Key), Found: nounOf(f.Value), Want: "a field of " + t.name})
		}
		return
	}
	before := len(c.problems)
	c.walk(&types[known.typ], f.Value)
	if len(c.problems) == before {
		c.value(t, parent, f)
	}
}

// addedByTools are keys that stand beside an object's own in Git and that a
// GitOps controller takes away before it applies the object.
var addedByTools = map[string]bool{"sops": true}

// filledLater tells whether something fills in the value before the API server
// sees it: a variable of Flux or kustomize, an encrypted value, a path into a
// vault.
func filledLater(n *manifest.Node) bool {
	if n.Kind != manifest.String {
		return false
	}
	return n.IsUnresolved() || strings.HasPrefix(n.Text, "ENC[") || strings.Contains(n.Text, "$(") ||
		strings.Contains(n.Text, "{{") || strings.HasPrefix(n.Text, "<") && strings.HasSuffix(n.Text, ">")
}

// fits tells whether the API server decodes the value as the shape.
func fits(s shape, n *manifest.Node) bool {
	switch s {
	case anything:
		return true
	case boolean:
		return n.Kind == manifest.Bool
	case integer:
		return n.Kind == manifest.Int || whole(n)
	case number:
		return n.Kind == manifest.Int || n.Kind == manifest.Float
	case text, duration, instant:
		return n.Kind == manifest.String
	case binary:
		return n.Kind == manifest.String || n.Kind == manifest.List // the bytes one by one
	case quantity:
		return n.Kind == manifest.String || n.Kind == manifest.Int || n.Kind == manifest.Float
	case intOrString:
		return n.Kind == manifest.String || n.Kind == manifest.Int || whole(n)
	case list:
		return n.Kind == manifest.List
	}
	return n.Kind == manifest.Map
}

// whole tells whether a number such as 1.0 becomes an integer in JSON.
func whole(n *manifest.Node) bool {
	if n.Kind != manifest.Float {
		return false
	}
	v, err := strconv.ParseFloat(n.Text, 64)
	return err == nil && v == math.Trunc(v) && math.Abs(v) < 1<<53
}

// nounOf says what a value is, without the value.
func nounOf(n *manifest.Node) string {
	switch n.Kind {
	case manifest.Bool:
		return "a boolean"
	case manifest.Int, manifest.Float:
		return "a number"
	case manifest.String:
		return "a string"
	case manifest.List:
		return fmt.Sprintf("a list of %d", len(n.Items))
	case manifest.Map:
		return "a map"
	}
	return "null"
}
