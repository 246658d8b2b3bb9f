package kube

import (
	"cmp"
	"sort"
)

// shape is how the value of a field looks in JSON.
type shape uint8

const (
	anything    shape = iota // not checked: raw extensions, status
	boolean                  // true or false
	integer                  // a whole number
	number                   // any number
	text                     // a string
	binary                   // a string that holds base64
	quantity                 // a string or number such as 100m or 1Gi
	intOrString              // a port by number or name, a count or a percentage
	duration                 // a string such as 1m30s
	instant                  // a string that holds a time
	object                   // a map with known fields
	list                     // a list of one type
	mapping                  // a map with free keys and values of one type
)

// noun says what a shape wants.
func (s shape) noun() string {
	return [...]string{"anything", "a boolean", "a whole number", "a number", "a string", "a string in base64",
		"a quantity", "a whole number or a string", "a string with a duration", "a string with a time",
		"a map", "a list", "a map"}[s]
}

// typ is one type of the API. of is the index of the items' or values' type.
type typ struct {
	shape  shape
	of     uint16
	name   string
	fields []field // sorted by name
}

// field is one field of an object; typ is an index into types.
type field struct {
	name string
	typ  uint16
}

// apiKind is a kind with its type, as an index into types.
type apiKind struct {
	apiVersion, kind string
	typ              uint16
}

// field returns the field of a name, or nil.
func (t *typ) field(name string) *field {
	i := sort.Search(len(t.fields), func(i int) bool { return t.fields[i].name >= name })
	if i < len(t.fields) && t.fields[i].name == name {
		return &t.fields[i]
	}
	return nil
}

// typeOf returns the type of a built-in kind, or nil.
func typeOf(apiVersion, kind string) *typ {
	i, found := sort.Find(len(kinds), func(i int) int {
		return cmp.Or(cmp.Compare(apiVersion, kinds[i].apiVersion), cmp.Compare(kind, kinds[i].kind))
	})
	if !found {
		return nil
	}
	return &types[kinds[i].typ]
}
