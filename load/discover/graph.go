package discover

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// maxAccumulated bounds how many kustomizations one root may pull in, counted as
// often as they are used: 15 levels of two bases each are 32,767.
const maxAccumulated = 10_000

// graph is the kustomizations that count and who uses whom.
type graph struct {
	all   map[string]*Kustomization
	dirs  []string            // sorted
	users map[string][]string // folders that refer to a folder, sorted
}

func newGraph(all map[string]*Kustomization) *graph {
	g := &graph{all: all, dirs: slices.Sorted(maps.Keys(all)), users: map[string][]string{}}
	for _, dir := range g.dirs {
		for _, used := range g.all[dir].folders() {
			g.users[used] = append(g.users[used], dir)
		}
	}
	return g
}

// folders is the folders that a kustomization refers to, each once, in order.
func (k *Kustomization) folders() []string {
	var out []string
	for _, ref := range k.Refs {
		if ref.folder() && ref.Path != "" && !slices.Contains(out, ref.Path) {
			out = append(out, ref.Path)
		}
	}
	return out
}

// tops is the folders from which all others are reached: those that nothing
// uses, and of each circle that nothing else uses its first folder.
func (g *graph) tops() []string {
	var tops []string
	reached := map[string]bool{}
	for _, dir := range g.dirs {
		if len(g.users[dir]) == 0 {
			tops = append(tops, dir)
			g.reach(dir, reached)
		}
	}
	for _, dir := range g.dirs {
		if !reached[dir] {
			tops = append(tops, dir)
			g.reach(dir, reached)
		}
	}
	slices.Sort(tops)
	return tops
}

// reach marks everything that a folder uses, itself included.
func (g *graph) reach(dir string, seen map[string]bool) {
	if seen[dir] || g.all[dir] == nil {
		return
	}
	seen[dir] = true
	for _, next := range g.all[dir].folders() {
		g.reach(next, seen)
	}
}

// root gathers what rendering the kustomization of a folder takes.
func (g *graph) root(dir string) Root {
	k := g.all[dir]
	r := Root{Name: dir, Dir: dir, Kustomization: k.File}
	seen := map[string]bool{}
	g.reach(dir, seen)
	r.Folders = slices.Sorted(maps.Keys(seen))
	reads := map[string]bool{}
	for _, folder := range r.Folders {
		used := g.all[folder]
		reads[used.File] = true
		for _, ref := range used.Refs {
			if ref.Path != "" && !ref.folder() {
				reads[ref.Path] = true
			}
			r.Schemas = r.Schemas || ref.Role == CRD || ref.Role == OpenAPI
		}
		r.Refusals = append(r.Refusals, used.Refusals...)
		r.Notes = append(r.Notes, used.Notes...)
		r.Refusals = append(r.Refusals, g.misused(used)...)
	}
	r.Reads = slices.Sorted(maps.Keys(reads))
	if chain := g.cycle(dir); chain != nil {
		r.Refusals = append(r.Refusals, g.cycleRefusal(chain))
	} else if n := g.accumulated(dir, map[string]int{}); n > maxAccumulated {
		r.Refusals = append(r.Refusals, Refusal{Budget, manifest.Position{File: k.File, Line: 1, Column: 1}, fmt.Sprintf(
			"accumulated > %d: bases that use bases would be read that often; refer to each base once", maxAccumulated)})
	}
	slices.SortStableFunc(r.Refusals, func(a, b Refusal) int { return a.Position.Compare(b.Position) })
	r.Refusals = slices.Compact(r.Refusals)
	return r
}

// misused checks references to folders against what is in them.
func (g *graph) misused(k *Kustomization) []Refusal {
	var out []Refusal
	refuse := func(ref Ref, format string, args ...any) {
		out = append(out, Refusal{Missing, ref.Position, fmt.Sprintf(format, args...)})
	}
	for _, ref := range k.Refs {
		if !ref.folder() || ref.Path == "" {
			continue
		}
		used := g.all[ref.Path]
		switch {
		case used == nil:
			refuse(ref, "the folder %s holds no %s; add one, or list the folder's files", ref.Path, strings.Join(fileNames, ", "))
		case len(used.Refusals) > 0 && len(used.Refs) == 0:
			// It could not be read, which its own refusal says.
		case ref.Role == Component && !used.Component:
			refuse(ref, "%s is a Kustomization; components takes Components, so list it in resources", ref.Path)
		case ref.Role != Component && used.Component:
			refuse(ref, "%s is a Component; list it in components, not in %s", ref.Path, ref.Field)
		}
	}
	return out
}

// cycle returns a circle that is reached from a folder, its first folder again
// at its end, or nil.
func (g *graph) cycle(start string) []string {
	const open, done = 1, 2
	state := map[string]int{}
	var chain []string
	var visit func(dir string) []string
	visit = func(dir string) []string {
		if state[dir] == open {
			return append(slices.Clone(chain[slices.Index(chain, dir):]), dir)
		}
		if state[dir] == done || g.all[dir] == nil {
			return nil
		}
		state[dir] = open
		chain = append(chain, dir)
		for _, next := range g.all[dir].folders() {
			if found := visit(next); found != nil {
				return found
			}
		}
		chain = chain[:len(chain)-1]
		state[dir] = done
		return nil
	}
	return visit(start)
}

func (g *graph) cycleRefusal(chain []string) Refusal {
	var at manifest.Position
	from, to := chain[len(chain)-2], chain[len(chain)-1]
	for _, ref := range g.all[from].Refs {
		if ref.folder() && ref.Path == to {
			at = ref.Position
			break
		}
	}
	return Refusal{Cycle, at, "cycle: " + strings.Join(chain, " -> ") + "; remove one of these references"}
}

// accumulated counts kustomizations as often as kustomize would read them, up to
// just above the limit. The graph below the folder has no circle.
func (g *graph) accumulated(dir string, known map[string]int) int {
	if n, ok := known[dir]; ok {
		return n
	}
	n := 1
	if k := g.all[dir]; k != nil {
		for _, ref := range k.Refs {
			if ref.folder() && ref.Path != "" {
				n = min(n+g.accumulated(ref.Path, known), maxAccumulated+1)
			}
		}
	}
	known[dir] = n
	return n
}

// within tells whether a path is a folder or below it.
func within(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	return dir == "." || ok && (rest == "" || rest[0] == '/')
}

func parent(dir string) string { return path.Dir(dir) }
