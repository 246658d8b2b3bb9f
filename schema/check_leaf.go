package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/secgen/secgen/manifest"
)

// anyCheck accepts everything.
type anyCheck struct{}

func (anyCheck) eval(*manifest.Node) verdict                              { return yes }
func (anyCheck) explain(*manifest.Node, manifest.FieldPath, *[]Violation) {}
func (anyCheck) want() string                                             { return "to be set" }
func (anyCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, "unset")
}

// neverCheck accepts nothing: the field must be absent.
type neverCheck struct{}

func (neverCheck) eval(*manifest.Node) verdict { return no }
func (neverCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, "unset")
}
func (neverCheck) witness(*manifest.Node, manifest.FieldPath, *[]Violation) {}
func (neverCheck) want() string                                             { return "unset" }

// kinds is a set of node kinds.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBool
	kindInt
	kindFloat
	kindString
	kindList
	kindMap
	kindNumber = kindInt | kindFloat
	kindAll    = kindNull | kindBool | kindNumber | kindString | kindList | kindMap
)

func kindOf(n *manifest.Node) kinds { return 1 << n.Kind }

// typeCheck accepts values of some kinds.
type typeCheck struct{ accepted kinds }

func (t typeCheck) test(n *manifest.Node) bool { return kindOf(n)&t.accepted != 0 }

func (t typeCheck) eval(n *manifest.Node) verdict {
	if !t.test(n) && n.Kind == manifest.String && manifest.Unresolved(n.Text) {
		return unknown
	}
	return holds(t.test(n))
}

func (t typeCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, t.want())
}

func (t typeCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, negate(t.want()))
}

func (t typeCheck) want() string {
	var names []string
	for _, k := range []struct {
		kind kinds
		name string
	}{
		{kindNull, "null"}, {kindBool, "a boolean"}, {kindNumber, "a number"}, {kindInt, "an integer"},
		{kindFloat, "a number with a point"}, {kindString, "a string"}, {kindList, "a list"}, {kindMap, "a map"},
	} {
		if k.kind&t.accepted == k.kind && !(k.kind != kindNumber && k.kind&kindNumber != 0 && t.accepted&kindNumber == kindNumber) {
			names = append(names, k.name)
		}
	}
	return strings.Join(names, " or ")
}

type equalLeaf struct{ value *manifest.Node }

func (e equalLeaf) test(n *manifest.Node) bool {
	return n.Kind == e.value.Kind && (n.Text == e.value.Text && n.Kind < manifest.List || equalNodes(n, e.value))
}
func (e equalLeaf) words() string { return Show(e.value) }

// differLeaf accepts scalars of the value's type that are not the value; of null
// everything but null.
type differLeaf struct{ value *manifest.Node }

func (d differLeaf) test(n *manifest.Node) bool {
	switch {
	case d.value.Kind == manifest.Null:
		return n.Kind != manifest.Null
	case isNumber(d.value):
		order, ok := compareNumbers(n, d.value)
		return ok && order != 0
	}
	return n.Kind == d.value.Kind && n.Text != d.value.Text
}

func (d differLeaf) words() string {
	if d.value.Kind == manifest.Null {
		return "to be set"
	}
	return "other than " + Show(d.value)
}

type boundLeaf struct {
	op    Op
	value *manifest.Node
}

func (b boundLeaf) test(n *manifest.Node) bool {
	var order int
	if b.value.Kind == manifest.String {
		if n.Kind != manifest.String {
			return false
		}
		order = strings.Compare(n.Text, b.value.Text)
	} else {
		var ok bool
		if order, ok = compareNumbers(n, b.value); !ok {
			return false
		}
	}
	switch b.op {
	case OpLess:
		return order < 0
	case OpAtMost:
		return order <= 0
	case OpAbove:
		return order > 0
	}
	return order >= 0
}

func (b boundLeaf) words() string {
	name := map[Op]string{OpLess: "less than ", OpAtMost: "at most ", OpAbove: "more than ", OpLeast: "at least "}[b.op]
	if b.value.Kind == manifest.String {
		name = map[Op]string{OpLess: "before ", OpAtMost: "up to ", OpAbove: "after ", OpLeast: "from "}[b.op]
	}
	return name + Show(b.value)
}

type matchLeaf struct {
	re   *regexp.Regexp
	hits bool
}

func (m matchLeaf) test(n *manifest.Node) bool {
	return n.Kind == manifest.String && m.re.MatchString(n.Text) == m.hits
}

func (m matchLeaf) words() string {
	if m.hits {
		return "to match " + quote(m.re.String())
	}
	return "not to match " + quote(m.re.String())
}

// textFunctions are the functions of CUE's package strings that judge a string
// by one other, with their words.
type textFunction struct {
	test  func(text, arg string) bool
	words string
}

func textFunctionOf(name string) (textFunction, bool) {
	switch name {
	case "HasPrefix":
		return textFunction{strings.HasPrefix, "to start with "}, true
	case "HasSuffix":
		return textFunction{strings.HasSuffix, "to end with "}, true
	case "Contains":
		return textFunction{strings.Contains, "to contain "}, true
	case "ContainsAny":
		return textFunction{strings.ContainsAny, "to contain one of the characters "}, true
	}
	return textFunction{}, false
}

type textLeaf struct {
	function textFunction
	arg      string
}

func (t textLeaf) test(n *manifest.Node) bool {
	return n.Kind == manifest.String && t.function.test(n.Text, t.arg)
}
func (t textLeaf) words() string { return t.function.words + quote(t.arg) }

// sizeFunction counts something of a value: items, fields or characters.
type sizeFunction struct {
	kind  manifest.Kind
	least bool
	noun  string
}

func sizeFunctionOf(name string) (sizeFunction, bool) {
	switch name {
	case "MinItems", "MaxItems":
		return sizeFunction{manifest.List, name == "MinItems", "item"}, true
	case "MinFields", "MaxFields":
		return sizeFunction{manifest.Map, name == "MinFields", "field"}, true
	case "MinRunes", "MaxRunes":
		return sizeFunction{manifest.String, name == "MinRunes", "character"}, true
	}
	return sizeFunction{}, false
}

type sizeLeaf struct {
	function sizeFunction
	limit    int64
}

func (s sizeLeaf) test(n *manifest.Node) bool {
	if n.Kind != s.function.kind {
		return false
	}
	size := len(n.Items)
	switch n.Kind {
	case manifest.Map:
		size = countFields(n)
	case manifest.String:
		size = utf8.RuneCountInString(n.Text)
	}
	if s.function.least {
		return int64(size) >= s.limit
	}
	return int64(size) <= s.limit
}

func (s sizeLeaf) words() string {
	if s.function.least {
		return "at least " + count(s.limit, s.function.noun)
	}
	return "at most " + count(s.limit, s.function.noun)
}

type uniqueLeaf struct{}

func (uniqueLeaf) test(n *manifest.Node) bool {
	if n.Kind != manifest.List {
		return false
	}
	// Pair by pair needs no memory, but too much time for a hostile list.
	const few = 32
	if len(n.Items) > few {
		return uniqueByText(n.Items)
	}
	for i := range n.Items {
		for j := range i {
			if equalNodes(n.Items[i], n.Items[j]) {
				return false
			}
		}
	}
	return true
}

func uniqueByText(items []*manifest.Node) bool {
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		var b strings.Builder
		writeText(item, &b)
		if seen[b.String()] {
			return false
		}
		seen[b.String()] = true
	}
	return true
}

// writeText writes a value such that equal values have equal texts.
func writeText(n *manifest.Node, b *strings.Builder) {
	if n.IsNull() {
		b.WriteString("0;")
		return
	}
	fmt.Fprintf(b, "%d%q", n.Kind, n.Text)
	for _, item := range n.Items {
		writeText(item, b)
	}
	fields := slices.Clone(n.Fields)
	slices.SortFunc(fields, func(x, y manifest.Field) int { return strings.Compare(x.Key, y.Key) })
	for _, f := range fields {
		if !f.Value.IsNull() {
			fmt.Fprintf(b, "%q:", f.Key)
			writeText(f.Value, b)
		}
	}
	b.WriteByte(';')
}
func (uniqueLeaf) words() string { return "a list in which no item is there twice" }
