package schema

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/secgen/secgen/manifest"
)

// Render writes the message of a finding. path is the violation's path from the
// object, as the reader knows it. Values of rules about credentials are never
// shown.
func (b *Bound) Render(view *manifest.Node, v Violation, path manifest.FieldPath) string {
	r := b.Rule
	found := Show(v.Found)
	if r.Secret && v.Found != nil {
		found = "(redacted)"
	}
	if r.Message == "" {
		if len(path) == 0 {
			return fmt.Sprintf("%s: want %s", r.Title, v.Want)
		}
		return fmt.Sprintf("%s: %s is %s, want %s", r.Title, path, found, v.Want)
	}
	var out strings.Builder
	rest := r.Message
	for {
		before, after, ok := strings.Cut(rest, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		slot, tail, _ := strings.Cut(after, "}")
		rest = tail
		switch slot {
		case "found":
			out.WriteString(found)
		case "want":
			out.WriteString(v.Want)
		case "path":
			out.WriteString(path.String())
		case "item":
			out.WriteString(itemOf(b.Rule.View, view, v.Path))
		default:
			out.WriteString(b.slot(view, slot))
		}
	}
}

// itemOf names the innermost item of a list that a path leads through and that
// has a name: volume "data", init container "migrate". Where there is none, it is
// the view itself: pod of Deployment "web".
func itemOf(kind View, view *manifest.Node, path manifest.FieldPath) string {
	for i := len(path) - 1; i > 0; i-- {
		if !path[i].IsIndex || path[i-1].IsIndex {
			continue
		}
		if name := view.Lookup(path[:i+1]).Get("name"); name != nil {
			return nounOf(path[i-1].Key) + " " + quote(name.Text)
		}
	}
	if owner := view.Get("facts", "object"); kind == ViewPod && owner.Has("name") {
		return "pod of " + owner.Get("kind").Str() + " " + quote(owner.Get("name").Str())
	}
	return string(kind)
}

// nounOf is the name of one item of a list: initContainers are each an init
// container.
func nounOf(list string) string {
	var out strings.Builder
	for _, r := range strings.TrimSuffix(list, "s") {
		if unicode.IsUpper(r) {
			out.WriteByte(' ')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// slot is the text of a field of the view or of a parameter: strings as they are,
// lists joined by commas.
func (b *Bound) slot(view *manifest.Node, slot string) string {
	at, err := manifest.ParsePath(slot)
	if err != nil {
		return "{" + slot + "}"
	}
	if at[0].Key == "parameters" {
		return plain(b.Parameters.Lookup(at[1:]))
	}
	if b.Rule.Secret && at[0].Key != "facts" && at[0].Key != "metadata" && at[0].Key != "kind" {
		return "(redacted)"
	}
	return plain(view.Lookup(at))
}

func plain(n *manifest.Node) string {
	switch {
	case n.IsNull():
		return "unset"
	case n.Kind == manifest.List:
		var items []string
		for _, item := range n.Items {
			items = append(items, plain(item))
		}
		if len(items) == 0 {
			return "none"
		}
		return strings.Join(items, ", ")
	case n.Kind == manifest.Map:
		return Show(n)
	}
	return n.Text
}

// slotsOf lists the {slots} of a message.
func slotsOf(message string) ([]string, error) {
	var out []string
	for {
		before, after, ok := strings.Cut(message, "{")
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("a } without its {")
		}
		if !ok {
			return out, nil
		}
		slot, rest, closed := strings.Cut(after, "}")
		if !closed || slot == "" {
			return nil, fmt.Errorf("a slot is not closed or is empty; write {field.path}")
		}
		out = append(out, slot)
		message = rest
	}
}
