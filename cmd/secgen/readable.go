package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/write"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/manifest"
)

// gaps is what could not be read.
type gaps struct {
	roots map[string]bool
	// loose says that there are files that no root reads.
	loose bool
}

// readable prints what could not be read, and returns the environments that can be
// compiled all the same, with their folders of the output alone: what could not be
// read may need more than the guardrails would leave it. all tells whether
// everything was read. Where nothing is left it ends with what the user can do.
func (a *app) readable(environments []*environment, results []rendered, out *output, typed *choice) (rest []*environment, all bool, err error) {
	found := a.unread(typed.session, results, out)
	if len(found.roots) == 0 && !found.loose {
		return environments, true, nil
	}
	var blocked []string
	for _, e := range environments {
		if found.loose || e.name == "" || slices.ContainsFunc(e.roots, func(r discover.Root) bool { return found.roots[r.Name] }) {
			blocked = append(blocked, e.name)
			out.others = append(out.others, e)
		} else {
			rest = append(rest, e)
		}
	}
	const why = "secgen: what could not be read may need more than the guardrails would leave it; "
	if len(rest) > 0 {
		fmt.Fprintf(a.err, why+"so what is written for %s stays as it is\n", strings.Join(blocked, ", "))
		return rest, false, nil
	}
	way := "mend it, or name it in .secgenignore where nobody deploys it"
	if e := environments[0]; e.name == "" && !found.loose {
		e.roots = slices.DeleteFunc(e.roots, func(r discover.Root) bool { return found.roots[r.Name] })
		e.take(results)
		if err := compile.Together(e.rendered, e.policy); err != nil {
			var conflict *inventory.Conflict
			if errors.As(err, &conflict) {
				err = typed.conflict(conflict, e)
			}
			return nil, false, err
		}
		if len(e.roots) > 0 {
			var names []string
			for _, r := range e.roots {
				names = append(names, r.Name)
			}
			way += "; for the roots that were read alone:\n  " + typed.command(names, "")
		}
	}
	fmt.Fprintf(a.err, why+"nothing is written; %s\n", way)
	return nil, false, exitError(exitFindings)
}

// unread prints what could not be read: roots, and files below the paths or a root
// that nothing could be made of.
func (a *app) unread(s *session, results []rendered, written *output) gaps {
	out := gaps{roots: map[string]bool{}}
	said := map[string]bool{} // a base that several roots use
	say := func(at manifest.Position, reason string) {
		if written.dir != "" && strings.Contains(reason, "("+written.dir+"/") {
			// A run that wrote it before has wired it.
			reason += "; it is compile's own: restore it from Git, or leave it out until compile has written it again"
		}
		if text := fmt.Sprintf("%s: %s", at, reason); !said[text] {
			said[text] = true
			fmt.Fprintln(a.err, text)
		}
	}
	for _, r := range results {
		for _, u := range r.unread {
			say(u.Position, u.Reason)
			out.roots[r.root.Name] = true
		}
	}
	for _, f := range s.repo.Files {
		if f.Bucket != discover.Unread || len(f.Roots) > 0 || write.Unfinished(f.Path) {
			continue
		}
		if s.concerns(f.Path) || slices.ContainsFunc(results, func(r rendered) bool { return strings.HasPrefix(f.Path, r.root.Dir+"/") }) {
			say(f.Position, f.Reason)
			out.loose = true
		}
	}
	return out
}
