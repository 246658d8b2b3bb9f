package render

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/resource"

	"github.com/secgen/secgen/manifest"
)

// built is one rendered resource on its way to a manifest.Resource.
type built struct {
	res    *resource.Resource
	rec    *record // nil where it is not known where it came from
	object *manifest.Node
	lost   []lost
	// aliased are values that may have come through an alias, see relate.
	aliased []aliased
	// removed are fields that patches took away.
	removed []manifest.Removal
}

// lost is a value whose line kustomize forgot, to be explained.
type lost struct {
	path manifest.FieldPath
	node *manifest.Node
	// parent and field give the place for the position of the key.
	parent *manifest.Node
	field  int
}

// converter turns kyaml's nodes into manifest's.
type converter struct {
	tags *tags
	base *use
	out  *built
	path manifest.FieldPath // of the node in hand
	// floor is the first line that means anything, see printed.
	floor int
}

func (t *tags) convert(res *resource.Resource, rec *record) *built {
	b := &built{res: res, rec: rec}
	c := converter{tags: t, out: b, floor: t.printed(res.YNode())}
	if rec != nil {
		c.base = rec.use
	}
	b.object, _ = c.node(res.YNode())
	return b
}

// printed is the first line behind those that kustomize has given to a resource:
// more than was kept free if a JSON 6902 patch made it grow.
func (t *tags) printed(root *yaml.Node) int {
	if root.Line > 0 && root.Line < t.first {
		return max(t.first, size(root))
	}
	return t.first
}

// node converts a value. key is where its key stands, if the value's own place is
// known.
func (c *converter) node(y *yaml.Node) (n *manifest.Node, key manifest.Position) {
	n = &manifest.Node{}
	u, e, ok := c.tags.source(c.base, y, c.floor)
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind, n.Text = resolve(y)
		if ok {
			kind, text := resolve(e.Node)
			ok = kind == n.Kind && text == n.Text
		}
	case yaml.MappingNode:
		n.Kind = manifest.Map
		c.fields(n, y)
	case yaml.SequenceNode:
		n.Kind = manifest.List
		c.items(n, y)
	}
	if !ok {
		c.out.lost = append(c.out.lost, lost{path: slices.Clone(c.path), node: n})
		return n, manifest.Position{}
	}
	n.Pos = e.Value
	if n.Kind >= manifest.List {
		n.Pos = start(n.Pos)
	}
	c.out.through(u.doc, e.Node, c.path, n)
	return n, e.Key
}

func (c *converter) fields(n *manifest.Node, y *yaml.Node) {
	n.Fields = make([]manifest.Field, 0, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		name := y.Content[i].Value
		before := len(c.out.lost)
		c.path = append(c.path, manifest.Step{Key: name})
		value, key := c.node(y.Content[i+1])
		c.path = c.path[:len(c.path)-1]
		if key.IsZero() {
			if len(c.out.lost) > before {
				if last := &c.out.lost[len(c.out.lost)-1]; last.node == value {
					last.parent, last.field = n, len(n.Fields)
				}
			}
		}
		n.Fields = append(n.Fields, manifest.Field{Key: name, KeyPos: key, Value: value})
	}
}

func (c *converter) items(n *manifest.Node, y *yaml.Node) {
	n.Items = make([]*manifest.Node, len(y.Content))
	for i, item := range y.Content {
		c.path = append(c.path, manifest.Step{Index: i, IsIndex: true})
		n.Items[i], _ = c.node(item)
		c.path = c.path[:len(c.path)-1]
	}
}

// resolve is manifest.Resolve for what kustomize prints: words such as yes and off
// are strings to its parser, and it quotes them on the way out.
func resolve(y *yaml.Node) (manifest.Kind, string) {
	kind, text := manifest.Resolve(y)
	if kind == manifest.Bool && y.ShortTag() == "!!str" {
		return manifest.String, y.Value
	}
	if kind == manifest.Float {
		// JSON, through which kustomize prints, writes 1.0 as 1.
		if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int64(f)) && !strings.ContainsAny(text, "eE") {
			return manifest.Int, strconv.FormatInt(int64(f), 10)
		}
	}
	return kind, text
}
