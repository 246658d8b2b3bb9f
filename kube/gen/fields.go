package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// leaves are the types that write themselves to JSON.
var leaves = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[intstr.IntOrString]():   "intOrString",
	reflect.TypeFor[metav1.Time]():          "instant",
	reflect.TypeFor[metav1.MicroTime]():     "instant",
	reflect.TypeFor[metav1.Duration]():      "duration",
	reflect.TypeFor[metav1.FieldsV1]():      "anything",
	reflect.TypeFor[runtime.RawExtension](): "anything",
}

// table numbers types in the order in which they are met.
type table struct {
	numbers map[string]int
	lines   []string
}

func writeFields(b *bytes.Buffer, found []known) {
	t := &table{numbers: map[string]int{}}
	var kinds strings.Builder
	for _, k := range found {
		fmt.Fprintf(&kinds, "\t{%q, %q, %d},\n", apiVersion(k.gvk), k.gvk.Kind, t.number(k.typ))
	}
	fmt.Fprintf(b, "var kinds = [...]apiKind{\n%s}\n\nvar types = [...]typ{\n%s\n}\n", kinds.String(), strings.Join(t.lines, "\n"))
}

// number is the index of a type, which is written when it is met first.
func (t *table) number(goType reflect.Type) int {
	for goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	switch leaf, ok := leaves[goType]; {
	case ok:
		return t.add(leaf, func() string { return "{shape: " + leaf + "}" })
	case hasOwnJSON(goType):
		panic(fmt.Sprintf("%s writes its own JSON; say in leaves what it looks like", goType))
	}
	switch goType.Kind() {
	case reflect.String:
		return t.add("text", func() string { return "{shape: text}" })
	case reflect.Bool:
		return t.add("boolean", func() string { return "{shape: boolean}" })
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint64:
		return t.add("integer", func() string { return "{shape: integer}" })
	case reflect.Float64:
		return t.add("number", func() string { return "{shape: number}" })
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return t.add("binary", func() string { return "{shape: binary}" })
		}
		of := t.number(goType.Elem())
		return t.add(fmt.Sprintf("list of %d", of), func() string { return fmt.Sprintf("{shape: list, of: %d}", of) })
	case reflect.Map:
		of := t.number(goType.Elem())
		return t.add(fmt.Sprintf("mapping of %d", of), func() string { return fmt.Sprintf("{shape: mapping, of: %d}", of) })
	case reflect.Struct:
		return t.add(goType.PkgPath()+"."+goType.Name(), func() string { return t.object(goType) })
	}
	panic(fmt.Sprintf("no shape for %s", goType))
}

// hasOwnJSON tells whether a type, other than by embedding one, decodes itself.
func hasOwnJSON(t reflect.Type) bool {
	own, ok := reflect.PointerTo(t).MethodByName("UnmarshalJSON")
	if !ok || t.Kind() != reflect.Struct {
		return ok
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			if _, promoted := reflect.PointerTo(f.Type).MethodByName("UnmarshalJSON"); promoted {
				return false
			}
		}
	}
	return own.Name != ""
}

// add keeps a place for the type before it makes its line, since types refer to
// themselves.
func (t *table) add(key string, line func() string) int {
	if n, ok := t.numbers[key]; ok {
		return n
	}
	n := len(t.lines)
	t.numbers[key] = n
	t.lines = append(t.lines, "")
	t.lines[n] = "\t" + line() + fmt.Sprintf(", // %d", n)
	return n
}

func (t *table) object(goType reflect.Type) string {
	rows := map[string]int{}
	t.collect(goType, rows)
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	fmt.Fprintf(&b, "{shape: object, name: %q, fields: []field{", goType.Name())
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{%q, %d}", name, rows[name])
	}
	return b.String() + "}}"
}

func (t *table) collect(goType reflect.Type, rows map[string]int) {
	for i := range goType.NumField() {
		f := goType.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			t.collect(f.Type, rows)
		case name == "status" && f.Type.Kind() == reflect.Struct:
			// The API server ignores the status of what is applied.
			rows[name] = t.add("anything", func() string { return "{shape: anything}" })
		default:
			rows[name] = t.number(f.Type)
		}
	}
}
