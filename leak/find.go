package leak

import (
	"slices"
	"sort"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Evidence is what gives a leak away.
type Evidence string

// The kinds of evidence. Personal data have Personal.
const (
	Format   Evidence = "format"   // the value has the form of a known credential
	URL      Evidence = "url"      // a URL or connection string holds a password
	Name     Evidence = "name"     // the name promises a credential
	Personal Evidence = "personal" // the value is of or about a person
)

// Leak is a value that should not stand in the repository.
type Leak struct {
	Evidence Evidence
	// Noun says what it seems to be: "a GitHub token". It holds nothing of the
	// value.
	Noun string
	// Key is the name that goes with the value, "" where there is none: of the
	// variable, the field or the flag.
	Key string
	// Path leads from the object to the value, or to the text that holds it.
	Path manifest.FieldPath
	// Line is the first line of the text that gives it away, counted from 0.
	Line int
}

// Find returns the leaks of an object in the order of its fields. It returns one
// leak of a kind for each value, however often it occurs in there.
func Find(object *manifest.Node) []Leak {
	id := manifest.IDOf(object)
	if id.Kind == "CustomResourceDefinition" || id.Group() == "bitnami.com" || object.Has("sops") {
		return nil
	}
	f := finder{core: id.Group() == "" && (id.Kind == "Secret" || id.Kind == "ConfigMap")}
	for _, field := range object.Fields {
		switch {
		case field.Key == "status", field.Key == "apiVersion", field.Key == "kind":
		case field.Key == "data" || field.Key == "stringData" || field.Key == "binaryData":
			if f.core && id.Kind == "Secret" || field.Key == "binaryData" {
				continue
			}
			f.people = f.core
			f.named = f.core
			f.descend(field)
		case field.Key == "metadata":
			f.people, f.named = true, false
			f.descend(field)
		default:
			f.people, f.named = false, false
			f.descend(field)
		}
	}
	return f.leaks
}

// finder walks an object.
type finder struct {
	core bool
	// people: personal data count here. named: the keys of maps name values as the
	// variables of a process do.
	people, named bool
	path          manifest.FieldPath
	leaks         []Leak
}

func (f *finder) add(e Evidence, noun, key string) { f.addAt(e, noun, key, 0) }

func (f *finder) addAt(e Evidence, noun, key string, line int) {
	for _, l := range f.leaks {
		if l.Evidence == e && l.Noun == noun && len(l.Path) == len(f.path) && l.Path.String() == f.path.String() {
			return
		}
	}
	f.leaks = append(f.leaks, Leak{Evidence: e, Noun: noun, Key: key, Path: append(manifest.FieldPath(nil), f.path...), Line: line})
}

func (f *finder) descend(field manifest.Field) {
	if field.Key == "managedFields" || field.Key == "caBundle" {
		return
	}
	f.path = append(f.path, manifest.Step{Key: field.Key})
	if field.Value != nil && field.Value.Kind == manifest.String {
		f.text(field.Key, field.Value.Text, f.named)
	} else {
		f.walk(field.Value)
	}
	f.path = f.path[:len(f.path)-1]
}

func (f *finder) walk(n *manifest.Node) {
	switch {
	case n == nil:
	case n.Kind == manifest.Map:
		if name, value := n.Get("name").Str(), n.Field("value"); name != "" && value != nil && value.Value.Kind == manifest.String {
			f.path = append(f.path, manifest.Step{Key: "value"})
			f.text(name, value.Value.Text, true)
			f.path = f.path[:len(f.path)-1]
			return
		}
		for _, field := range n.Fields {
			f.descend(field)
		}
	case n.Kind == manifest.List:
		f.items(n.Items)
	}
}

// items walks a list, whose strings may be the arguments of a program.
func (f *finder) items(items []*manifest.Node) {
	flag := ""
	for i, item := range items {
		f.path = append(f.path, manifest.Step{Index: i, IsIndex: true})
		if item != nil && item.Kind == manifest.String {
			name, value, isSet := strings.Cut(item.Text, "=")
			switch {
			case isSet && isName(strings.TrimLeft(name, "-")):
				f.text(strings.TrimLeft(name, "-"), value, true)
			case flag != "" && !strings.HasPrefix(item.Text, "-"):
				f.text(flag, item.Text, true)
			default:
				f.text("", item.Text, false)
			}
			flag = ""
			if strings.HasPrefix(item.Text, "--") && !isSet {
				flag = strings.TrimLeft(item.Text, "-")
			}
		} else {
			f.walk(item)
		}
		f.path = f.path[:len(f.path)-1]
	}
}

// text judges one value. named tells that the key names it as a variable, so that
// a word is enough for a password.
func (f *finder) text(key, value string, named bool) {
	if value == "" || strings.HasPrefix(value, "ENC[") {
		return
	}
	if f.people {
		f.persons(value)
	}
	if len(value) < 4 {
		return
	}
	found := false
	for _, noun := range formats(value) {
		f.addAt(Format, noun, key, firstLine(value, func(rest string) bool { return slices.Contains(formats(rest), noun) }))
		found = true
	}
	lines := strings.Contains(value, "\n")
	if urlWithPassword(value, lines) {
		f.addAt(URL, "a password in a URL", key, firstLine(value, func(rest string) bool { return urlWithPassword(rest, true) }))
		found = true
	} else if connectionString(value, lines) {
		f.addAt(URL, "a password in a connection string", key, firstLine(value, func(rest string) bool { return connectionString(rest, true) }))
		found = true
	}
	switch {
	case found:
	case lines:
		for i, line := range strings.Split(value, "\n") {
			if name, v, ok := setting(line); ok && promises(name) != nothing && random(v) {
				f.addAt(Name, promises(name).noun(), name, i)
			}
		}
	case keeps(promises(key), value, named):
		f.add(Name, promises(key).noun(), key)
	}
}

// longest is how many lines what gives a text away may span: a private key's first
// ones, with empty lines between them.
const longest = 100

// firstLine is the line, counted from 0, on which that begins which gives a text
// away: the last line from which on it still does, where the text ends as soon as it
// does.
func firstLine(text string, gives func(string) bool) int {
	lines := strings.SplitAfter(text, "\n")
	end := 1 + sort.Search(len(lines)-1, func(i int) bool { return gives(strings.Join(lines[:i+1], "")) })
	for start := end - 1; start > max(0, end-longest); start-- {
		if gives(strings.Join(lines[start:end], "")) {
			return start
		}
	}
	return 0
}
