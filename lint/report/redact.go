package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
)

// hidden stands where a credential was.
const hidden = "***"

// secrets knows which source lines hold credentials.
type secrets struct {
	sources Sources
	// keep is how many runes of a line may be shown.
	keep map[place]int
	// values are the credentials as the source has them, and words what they are
	// made of.
	values, words []string
}

type place struct {
	file string
	line int
}

func findSecrets(r *lint.Report, sources Sources) *secrets {
	s := &secrets{sources: sources, keep: map[place]int{}}
	for i := range r.Findings {
		if aboutCredential(&r.Findings[i]) {
			s.add(r.Findings[i].Position)
		}
	}
	return s
}

// aboutCredential tells whether a finding's source line holds a credential:
// where its rule says so, and among the values of a Secret.
func aboutCredential(f *lint.Finding) bool {
	return f.Secret || slices.ContainsFunc(f.Resources, func(ref lint.ResourceRef) bool {
		return ref.Kind == "Secret" && secretData.MatchString(ref.Path)
	})
}

var secretData = regexp.MustCompile(`^(?:data|stringData)\b`)

// inlineSecret matches a line that holds a Secret with its values, as compact
// JSON and flow mappings do, whatever a finding in that line is about.
var inlineSecret = regexp.MustCompile(`\{.*\bSecret\b.*\b(?:data|stringData)\b|\{.*\b(?:data|stringData)\b.*\bSecret\b`)

// maxSecretLines bounds how many lines of one credential are looked at.
const maxSecretLines = 10_000

func (s *secrets) add(p manifest.Position) {
	last := min(max(p.EndLine, p.Line), p.Line+maxSecretLines)
	for n := p.Line; n <= last; n++ {
		keep := 0
		if line, ok := s.line(p.File, n); ok {
			if n == p.Line {
				keep = keptPrefix(line, p.Column)
			}
			if p.Approximate {
				line = "" // not the credential's own line: hide it, but search nothing of it
			}
			s.addValues(line, keep)
			if p.EndLine == p.Line && p.Column > keep {
				s.addValues(runesOf(line, p.Column-1, p.EndColumn-1), 0)
			}
		}
		at := place{p.File, n}
		if old, ok := s.keep[at]; !ok || keep < old {
			s.keep[at] = keep
		}
	}
}

// addValues notes what a line says from rune from on: with and without its key,
// its quotes and a comment.
func (s *secrets) addValues(line string, from int) {
	all := runesOf(line, from, utf8.RuneCountInString(line))
	value := strings.TrimPrefix(all, mapKey.FindString(all))
	bare, _, _ := strings.Cut(value, " #")
	for _, v := range []string{value, bare} {
		v = strings.TrimSpace(v)
		s.values = append(s.values, v, strings.Trim(v, `"',`))
	}
	s.words = append(s.words, strings.FieldsFunc(all, func(r rune) bool {
		return strings.ContainsRune(" \t\"',:={}[]", r)
	})...)
}

// runesOf is the runes of s from one index up to another, as far as there are
// any.
func runesOf(s string, from, to int) string {
	runes := []rune(s)
	from = max(0, min(from, len(runes)))
	return string(runes[from:max(from, min(to, len(runes)))])
}

func (s *secrets) line(file string, n int) (string, bool) {
	if s.sources == nil {
		return "", false
	}
	return s.sources.Line(file, n)
}

// mapKey is the start of a line of YAML or JSON up to a value (space, list dashes,
// a plain key), or of a line of an env file.
var mapKey = regexp.MustCompile(`^[ \t]*(?:- +)*["']?[A-Za-z0-9_./-]+["']?[ \t]*:[ \t]+|^(?:- +)?[A-Za-z_][A-Za-z0-9_.-]*=`)

// keptPrefix tells how many runes of a line with a credential at column may be
// shown: its key, but only if the position is that of the key or of the value,
// so that no line inside a credential is taken for a key.
func keptPrefix(line string, column int) int {
	key := mapKey.FindString(line)
	keyEnd := utf8.RuneCountInString(key)
	keyStart := keyEnd - utf8.RuneCountInString(strings.TrimLeft(key, " \t-"))
	if at := column - 1; keyEnd == 0 || at != keyStart && at != keyEnd {
		return 0
	}
	return keyEnd
}

// shown returns what may be shown of a source line, and whether something of it
// is hidden.
func (s *secrets) shown(file string, n int, line string) (string, bool) {
	keep, secret := s.keep[place{file, n}]
	if !secret {
		if inlineSecret.MatchString(line) {
			return hidden, true
		}
		return line, false
	}
	return runesOf(line, 0, keep) + hidden, true
}

// replacer takes credentials out of a text. One that consists of letters alone may
// be an ordinary word, so it is not looked for within other words.
func replacer(credentials []string) func(string) string {
	credentials = slices.Clone(credentials)
	slices.SortFunc(credentials, func(a, b string) int { // the longest wins
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs, words []string
	for _, c := range slices.Compact(credentials) {
		if ordinary.MatchString(c) {
			words = append(words, c)
		} else {
			pairs = append(pairs, c, hidden)
		}
	}
	replace := strings.NewReplacer(pairs...).Replace
	if words == nil {
		return replace
	}
	word := regexp.MustCompile(`\b(?:` + strings.Join(words, "|") + `)\b`)
	return func(s string) string { return word.ReplaceAllLiteralString(replace(s), hidden) }
}

var ordinary = regexp.MustCompile(`^[A-Za-z]+$`)

// longer are the strings of at least n characters. To replace shorter ones would
// spoil every sentence, and the gaps would tell what they are.
func longer(n int, all []string) []string {
	var out []string
	for _, s := range all {
		if utf8.RuneCountInString(s) >= n {
			out = append(out, s)
		}
	}
	return out
}

// dropPublic forgets the values that are names of files, resources and fields too,
// or words of a rule's own text. The report shows those anyway: a Secret that holds
// the name of a database must not blot out the workload of that name, and one that
// holds the word password not the sentence about it.
func (s *secrets) dropPublic(r *lint.Report) {
	var names strings.Builder
	for _, f := range r.Findings {
		names.WriteString(f.Position.File + "\n")
		for _, ref := range f.Resources {
			names.WriteString(ref.Namespace + "\n" + ref.Name + "\n" + ref.Path + "\n")
		}
	}
	for _, rule := range r.Rules {
		names.WriteString(rule.Title + "\n" + rule.Why + "\n" + rule.Remedy + "\n" + rule.Message + "\n")
	}
	public := func(value string) bool { return strings.Contains(names.String(), value) }
	s.values = slices.DeleteFunc(s.values, public)
	s.words = slices.DeleteFunc(s.words, public)
}

// redact returns a copy of the report whose texts hold none of the credentials
// that its findings are about. The rules that find them promise to name none;
// this makes sure of it.
func redact(r *lint.Report, sources Sources) *lint.Report {
	s := findSecrets(r, sources)
	s.dropPublic(r)
	if len(s.values) == 0 {
		return r
	}
	other := replacer(longer(8, s.values))
	own := replacer(append(longer(4, s.values), longer(8, s.words)...))
	out := *r
	out.Findings = mapped(r.Findings, func(f *lint.Finding) {
		if aboutCredential(f) {
			redactFinding(f, own)
		} else {
			redactFinding(f, other)
		}
	})
	out.Unread = mapped(r.Unread, func(u *lint.Unread) { u.Reason = other(u.Reason) })
	out.Errors = mapped(r.Errors, func(p *lint.Problem) { p.Message = other(p.Message) })
	out.Notes = mapped(r.Notes, func(n *lint.Note) { n.Message = other(n.Message) })
	return &out
}

func redactFinding(f *lint.Finding, replace func(string) string) {
	f.Message = replace(f.Message)
	f.Remediation = replace(f.Remediation)
	f.Related = mapped(f.Related, func(r *manifest.Related) { r.Message = replace(r.Message) })
	if f.Fix != nil {
		fix := *f.Fix
		fix.Description, fix.Text = replace(fix.Description), replace(fix.Text)
		f.Fix = &fix
	}
}

// mapped is a copy of items that change was called on.
func mapped[T any](items []T, change func(*T)) []T {
	out := slices.Clone(items)
	for i := range out {
		change(&out[i])
	}
	return out
}
