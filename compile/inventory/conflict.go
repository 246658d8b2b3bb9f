package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Conflict is the error for roots that render objects differently: they do not
// land in one cluster together.
type Conflict struct {
	// Objects are ordered by identity.
	Objects []Contested
}

// Contested is an object that is rendered in several ways.
type Contested struct {
	ID manifest.ID
	// Versions are the paths of the roots, those that render it alike in one list. A
	// root that holds two different ones of its own is in two lists.
	Versions [][]string
}

func (c *Conflict) Error() string {
	o := c.Objects[0]
	text := fmt.Sprintf("%s is rendered differently by %s and by %s", o.ID, o.Versions[0][0], o.Versions[1][0])
	if n := len(c.Objects) - 1; n > 0 {
		text += fmt.Sprintf(", and so are %d other objects", n)
	}
	return text
}

// Between tells whether two roots render some object differently; a root does so
// with itself where it holds two of one identity.
func (c *Conflict) Between(a, b string) bool {
	for _, o := range c.Objects {
		for i, v := range o.Versions {
			for j, w := range o.Versions {
				if i != j && slices.Contains(v, a) && slices.Contains(w, b) {
					return true
				}
			}
		}
	}
	return false
}

// String names the object and who renders it how.
func (o Contested) String() string {
	texts := make([]string, len(o.Versions))
	for i, v := range o.Versions {
		texts[i] = strings.Join(v, ", ")
	}
	return fmt.Sprintf("%s: %s", o.ID, strings.Join(texts, " | "))
}

// Together is a *Conflict where roots cannot land in one cluster together.
func Together(roots []Root) error {
	inv := &Inventory{roots: map[*manifest.Resource]string{}}
	return inv.take(roots)
}

// version is one way in which an object is rendered.
type version struct {
	resource *manifest.Resource
	roots    []string
}

// conflictOf is nil where every object is rendered in one way.
func conflictOf(known map[manifest.ID][]*version) error {
	var out Conflict
	for id, versions := range known {
		if len(versions) < 2 {
			continue
		}
		o := Contested{ID: id}
		for _, v := range versions {
			o.Versions = append(o.Versions, slices.Compact(v.roots))
		}
		out.Objects = append(out.Objects, o)
	}
	if len(out.Objects) == 0 {
		return nil
	}
	slices.SortFunc(out.Objects, func(a, b Contested) int { return a.ID.Compare(b.ID) })
	return &out
}
