package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/secgen/secgen/manifest"
)

// Waiver is an exception as somebody wrote it: in secgen.cue, as an annotation on
// an object, or as a comment in the YAML.
type Waiver struct {
	Rule string
	Exception
	Scope Scope
}

// Scope says what a waiver covers. Empty fields cover everything; globs are those
// of path.Match, where a trailing /** also covers everything below a folder.
type Scope struct {
	// Files, Kinds, Namespaces, Names and Roots are globs.
	Files, Kinds, Namespaces, Names, Roots []string
	// Path is a field path; it covers what is below it too.
	Path string
	// FirstLine and LastLine bound a comment's node in the one file of Files.
	FirstLine, LastLine int
	// Object is the rendered object that carries the waiver as an annotation.
	Object *manifest.ID
}

// Configured tells whether the scope is one of secgen.cue, which may concern any
// file; the others concern the file, or the object, that they stand in.
func (s *Scope) Configured() bool { return s.Object == nil && s.FirstLine == 0 }

// RootsAmong returns the roots that the scope may cover.
func (s *Scope) RootsAmong(roots []string) []string {
	var out []string
	for _, r := range roots {
		if anyGlob(s.Roots, r) {
			out = append(out, r)
		}
	}
	return out
}

func (s *Scope) covers(v *Violation, root string) bool {
	switch {
	case s.Object != nil && *s.Object != v.Resource,
		s.FirstLine > 0 && (v.Position.Line < s.FirstLine || v.Position.Line > s.LastLine),
		s.Path != "" && !below(v.Path, s.Path) && !below(v.StablePath, s.Path):
		return false
	}
	if s.FirstLine > 0 {
		return v.Position.File == s.Files[0] // a name, not a pattern
	}
	return anyGlob(s.Files, v.Position.File) && anyGlob(s.Kinds, v.Resource.Kind) &&
		anyGlob(s.Namespaces, v.Resource.Namespace) && anyGlob(s.Roots, root) &&
		(anyGlob(s.Names, v.Resource.Name) || anyGlob(s.Names, v.Origin.Name))
}

func below(p, parent string) bool {
	rest, ok := strings.CutPrefix(p, parent)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func anyGlob(globs []string, s string) bool {
	if len(globs) == 0 {
		return true
	}
	return slices.ContainsFunc(globs, func(glob string) bool { return Glob(glob, s) })
}

// Glob tells whether a name matches a pattern of secgen.cue: one of path.Match,
// where a trailing /** covers a folder and everything below it.
func Glob(glob, name string) bool {
	if folder, ok := strings.CutSuffix(glob, "/**"); ok && (name == folder || strings.HasPrefix(name, folder+"/")) {
		return true
	}
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

// Demands are what a configuration asks of every waiver.
type Demands struct {
	Owner, Expires bool
	// Today is midnight, UTC, of the day that decides what has expired.
	Today time.Time
	// Known tells whether there is a rule of a name.
	Known func(rule string) bool
}

// objection is why a waiver does not hold, or "".
func (d Demands) objection(w *Waiver) string {
	switch {
	case w.Rule == "":
		return "the exception names no rule; write secgen:ignore RULE reason"
	case !d.Known(w.Rule):
		return fmt.Sprintf("the exception names the rule %q, which does not exist; 'secgen rules' lists them all", w.Rule)
	case w.Rule == UnreadRule().ID:
		return "what could not be read cannot be accepted, since nobody knows what it holds; mend it, or name the file in .secgenignore"
	case w.Rule == ExceptionRule().ID:
		return "an exception cannot accept another one; mend or remove that one"
	case strings.TrimSpace(w.Reason) == "":
		return fmt.Sprintf("the exception from %s gives no reason, so it does not hold; write why the finding is acceptable", w.Rule)
	case d.Owner && w.Owner == "":
		return fmt.Sprintf("the exception from %s names no owner, which secgen.cue demands; add owner=NAME", w.Rule)
	case d.Expires && w.Expires == "":
		return fmt.Sprintf("the exception from %s never expires, which secgen.cue forbids; add expires=YYYY-MM-DD", w.Rule)
	}
	if w.Expires == "" {
		return ""
	}
	last, err := time.Parse(time.DateOnly, w.Expires)
	if err != nil {
		return fmt.Sprintf("the exception from %s expires on %q, which is no date; write expires=YYYY-MM-DD", w.Rule, w.Expires)
	}
	if d.Today.After(last) {
		return fmt.Sprintf("the exception from %s expired on %s, so its findings are back; remove it or renew the date", w.Rule, w.Expires)
	}
	return ""
}

// ApplyWaivers marks the violations that a waiver covers and returns violations
// of the rule "exception" for waivers that do not hold or cover nothing. A waiver
// counts as covering nothing only if judged says that its rule ran on all that
// it could cover.
func ApplyWaivers(all []RootViolations, waivers []Waiver, demands Demands, judged func(*Waiver) bool) []Violation {
	var out []Violation
	byRule := map[string][]*Waiver{}
	// An annotation in a base is met in every root: one use is enough.
	type place struct {
		rule string
		at   manifest.Position
	}
	used := map[place]bool{}
	void := map[*Waiver]string{}
	for i := range waivers {
		w := &waivers[i]
		if why := demands.objection(w); why != "" {
			void[w] = why
		}
		byRule[w.Rule] = append(byRule[w.Rule], w)
	}
	for _, rv := range all {
		for i := range rv.Violations {
			v := &rv.Violations[i]
			for _, w := range byRule[v.Rule] {
				if !w.Scope.covers(v, rv.Root) {
					continue
				}
				used[place{w.Rule, w.Position}] = true
				if void[w] == "" {
					v.Exception = &w.Exception
					break
				}
				v.Related = append(v.Related, manifest.Related{Position: w.Position, Message: void[w]})
			}
		}
	}
	for i := range waivers {
		w := &waivers[i]
		message := void[w]
		if message == "" && !used[place{w.Rule, w.Position}] && judged(w) {
			message = fmt.Sprintf("the exception from %s matches nothing; remove it", w.Rule)
		}
		if message != "" {
			out = append(out, exceptionViolation(w, message))
		}
	}
	return out
}

func exceptionViolation(w *Waiver, message string) Violation {
	rule := ExceptionRule()
	v := Violation{
		Rule: rule.ID, Severity: rule.Severity, Message: message, Remediation: rule.Remedy,
		Position: w.Position, Field: w.Rule, StablePath: w.Rule,
	}
	if w.Scope.Object != nil {
		v.Resource, v.Origin = *w.Scope.Object, *w.Scope.Object
	}
	return v
}
