package main

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/starter"
)

// shownConflicts is how many objects a message lists, enough to see the pattern, and
// shownPaths how many paths a command may have that somebody is to read.
const (
	shownConflicts = 8
	shownPaths     = 12
)

// choice is what a user typed, for messages that propose another command.
type choice struct {
	session *session
	cwd     string
	flags   *compileFlags
	// file is the configuration as messages name it, "" where there is none.
	file string
}

// conflict says which roots do not land in one cluster together, and proposes the
// commands and the configuration that tell them apart. e is the environment that
// holds them, wrote the roots that are no input.
func (c *choice) conflict(found *inventory.Conflict, e *environment) error {
	var b strings.Builder
	who := "the selected roots do not land in one cluster together"
	if e.name != "" {
		who = fmt.Sprintf("the roots of environment %s in %s do not land in one cluster together", e.name, c.file)
	}
	fmt.Fprintf(&b, "%s: %d %s rendered differently by different roots (| stands between the versions)\n", who,
		len(found.Objects), plural(len(found.Objects), "object is", "objects are"))
	for i, o := range found.Objects {
		if i == shownConflicts {
			fmt.Fprintf(&b, "  and %d more\n", len(found.Objects)-i)
			break
		}
		fmt.Fprintf(&b, "  %s\n", o)
	}
	var roots []string
	for _, r := range e.roots {
		if found.Between(r.Name, r.Name) {
			fmt.Fprintf(&b, "%s holds two versions of one object itself: remove one, or make a kustomization of what belongs together.", r.Name)
			return errors.New(b.String())
		}
		roots = append(roots, r.Name)
	}
	groups := starter.Divide(roots, found.Between)
	all := c.names()
	long := slices.ContainsFunc(groups, func(g starter.Environment) bool { return len(starter.Folders(g.Roots, all)) > shownPaths })
	switch {
	case e.name != "":
		fmt.Fprintf(&b, "Divide %s, and name the clusters", e.name)
	case long:
		b.WriteString("Select what lands in one cluster with PATH or, better, name the clusters")
	default:
		b.WriteString("Compile what lands in one cluster, each into a folder of its own:\n")
		for _, g := range groups {
			fmt.Fprintf(&b, "  %s\n", c.command(g.Roots, g.Name))
		}
		b.WriteString("or, better, name the clusters")
	}
	fmt.Fprintf(&b, " in %s; this proposal is read off the folders and the conflicts, so check it:\n\n%s", cmp.Or(c.file, schema.ConfigFile), starter.Block(groups, all))
	return errors.New(b.String())
}

// names are all roots that are input.
func (c *choice) names() []string {
	var out []string
	for _, r := range c.session.repo.Roots {
		if !c.session.wrote(r) {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return out
}

// command compiles the named roots and no others; folder, where there is one, keeps
// the output apart from that of other commands.
func (c *choice) command(roots []string, folder string) string {
	words := []string{"secgen compile"}
	if c.flags.root != "" {
		words = append(words, "--root", shellWord(c.flags.root))
	}
	for _, f := range starter.Folders(roots, c.names()) {
		at := f.Path
		if !f.Whole {
			at = c.only(at, roots)
		}
		words = append(words, shellWord(c.shown(at)))
	}
	return strings.Join(append(words, "-o", shellWord(path.Join(cmp.Or(c.flags.output, "guardrails"), folder))), " ")
}

// only is a path that selects a root, and none of those below it that are not asked
// for.
func (c *choice) only(root string, asked []string) string {
	i := slices.IndexFunc(c.session.repo.Roots, func(r discover.Root) bool { return r.Name == root })
	if i < 0 {
		return root
	}
	r := c.session.repo.Roots[i]
	more := slices.ContainsFunc(c.names(), func(name string) bool {
		return name != root && (root == "." || strings.HasPrefix(name, root+"/")) && !slices.Contains(asked, name)
	})
	if !more {
		return root
	}
	return firstLine(r).File
}

// shown is a path of the repository as the user has to type it.
func (c *choice) shown(at string) string {
	rel, err := filepath.Rel(c.cwd, filepath.Join(c.session.tree.Top(), filepath.FromSlash(at)))
	if err != nil {
		return at
	}
	return filepath.ToSlash(rel)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./=:@%+-]+$`)

// shellWord quotes a word for a shell where it has to be.
func shellWord(word string) string {
	if plainWord.MatchString(word) && !strings.HasPrefix(word, "-") {
		return word
	}
	if strings.HasPrefix(word, "-") {
		word = "./" + word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
