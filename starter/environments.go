package starter

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// Environment is a proposal: the roots that land in one cluster together.
type Environment struct {
	Name  string
	Roots []string
}

// environmentWords are the words by which folders name environments, each with
// the environment that it stands for.
var environmentWords = map[string]string{
	"dev": "dev", "devel": "dev", "develop": "dev", "development": "dev",
	"int": "int", "integration": "int", "qa": "qa", "uat": "uat", "sandbox": "sandbox", "preview": "preview",
	"stage": "staging", "stg": "staging", "staging": "staging",
	"preprod": "preprod", "preproduction": "preprod",
	"prod": "prod", "prd": "prod", "production": "prod", "live": "prod",
}

// environments sorts roots by the environment that a folder of their name tells:
// overlays/prod, clusters/staging/apps. rest are those that tell none. sure says
// that every root tells exactly one, by a whole folder: production-eu may be a
// cluster of its own. Where there are not two, there are none.
func environments(roots []string) (out []Environment, rest []string, sure bool) {
	sure = true
	byName := map[string][]string{}
	spelled := map[string]map[string]int{}
	for _, root := range roots {
		name, word, whole := environmentOf(root)
		sure = sure && whole
		if name == "" {
			rest = append(rest, root)
			continue
		}
		byName[name] = append(byName[name], root)
		if spelled[name] == nil {
			spelled[name] = map[string]int{}
		}
		spelled[name][word]++
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		words := slices.SortedFunc(maps.Keys(spelled[name]), func(a, b string) int {
			return cmp.Or(spelled[name][b]-spelled[name][a], strings.Compare(a, b))
		})
		out = append(out, Environment{Name: words[0], Roots: byName[name]})
	}
	if len(out) < 2 {
		return nil, roots, false // nothing to tell apart
	}
	return out, rest, sure
}

// environmentOf is the environment that the name of a root tells, the word that
// tells it, and whether that is the whole name of a folder. A name that tells two
// tells none.
func environmentOf(root string) (name, word string, whole bool) {
	for _, folder := range strings.Split(root, "/") {
		lower := strings.ToLower(folder)
		for _, part := range strings.FieldsFunc(lower, func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
			env := environmentWords[part]
			if env == "" {
				continue
			}
			if name != "" && name != env {
				return "", "", false
			}
			if name == "" || part == lower {
				name, word, whole = env, part, part == lower
			}
		}
	}
	return name, word, whole
}

// folded writes roots as patterns: a folder of which all roots are among them, of
// all that there are, becomes folder/**.
func folded(roots, all []string) []string {
	var patterns []string
	for _, f := range Folders(roots, all) {
		pattern := literal(f.Path)
		if f.Whole {
			pattern += "/**"
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// Folder is a root or, where it is whole, a folder with all roots at or below it.
type Folder struct {
	Path  string
	Whole bool
}

// Folders covers roots, of all that there are, by as few folders as can be,
// ordered.
func Folders(roots, all []string) []Folder {
	var out []Folder
	for _, root := range roots {
		f := Folder{Path: root}
		for dir := path.Dir(root); dir != "." && literal(dir) == dir; dir = path.Dir(dir) {
			inside := below(all, dir)
			if slices.ContainsFunc(inside, func(r string) bool { return !slices.Contains(roots, r) }) {
				break
			}
			if len(inside) > 1 {
				f = Folder{dir, true}
			}
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Folder) int { return strings.Compare(a.Path, b.Path) })
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(f Folder) bool {
		return slices.ContainsFunc(out, func(wider Folder) bool {
			return wider.Whole && wider != f && (f.Path == wider.Path || strings.HasPrefix(f.Path, wider.Path+"/"))
		})
	})
}

func below(roots []string, dir string) []string {
	var out []string
	for _, r := range roots {
		if r == dir || strings.HasPrefix(r, dir+"/") {
			out = append(out, r)
		}
	}
	return out
}

// literal is a pattern that matches one name only.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}
