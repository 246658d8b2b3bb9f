package starter

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/secgen/secgen/schema"
)

const configHead = `// What secgen should know about this repository. 'secgen init' wrote it from what
// it found; it is yours to change. Everything in it is optional.
//
// A line that begins with // and no space is a proposal that nobody has decided on:
// take the // away to accept it.
//
//   secgen lint          shows what breaks a rule, and which line to change
//   secgen explain RULE  says why a rule matters, and what satisfies it
`

// Config is the text of a secgen.cue for the repository.
func Config(f *Found) []byte {
	w := &writer{}
	w.WriteString(configHead)
	for _, section := range []func(*writer){f.profile, f.findings, f.registries, f.environments, f.policy, f.workloads, f.exceptions, f.ownRules} {
		w.WriteString("\n")
		section(w)
	}
	return []byte(w.String())
}

// writer collects lines of CUE and of comments.
type writer struct{ strings.Builder }

// say writes a comment.
func (w *writer) say(format string, args ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		w.WriteString(strings.TrimRight("// "+line, " ") + "\n")
	}
}

// set writes lines that count, or that are a proposal.
func (w *writer) set(sure bool, lines ...string) {
	for _, line := range lines {
		if !sure {
			w.WriteString("//")
		}
		w.WriteString(line + "\n")
	}
}

// table writes rows as a comment, aligned.
func (w *writer) table(rows [][]string) {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	t.Flush() // a Builder takes everything
	for line := range strings.Lines(b.String()) {
		w.say("  %s", strings.TrimRight(line, "\n"))
	}
}

func (f *Found) profile(w *writer) {
	w.say("The set of rules to run.")
	var rows [][]string
	for _, p := range f.Profiles {
		rows = append(rows, []string{p.Name, p.Title})
	}
	w.table(rows)
	w.set(true, "profile: "+quote(schema.DefaultProfile))
}

func (f *Found) findings(w *writer) {
	if len(f.Rules) == 0 {
		w.say("Nothing breaks a rule of that profile today.")
	} else {
		w.say("Findings of today: %d.", f.Findings())
		rows := [][]string{}
		for _, r := range f.bySeverity() {
			rows = append(rows, []string{string(r.Rule.Severity), r.Rule.ID, fmt.Sprint(r.Findings), printable(r.Rule.Title)})
		}
		w.table(rows)
		w.say("Mend the worst first. Hook and CI run\n\n  %s\n\nwhich fails for what is at or above that threshold: lower it as you mend. What has to\nstay is an exception (below).", f.Command())
	}
	if f.Unread > 0 {
		w.say("\nNot read or rendered: %d. These fail whatever the threshold is, since nobody knows\nwhat they hold; 'secgen lint' says why. List what is not meant to be deployed from\nhere in .secgenignore.", f.Unread)
	}
	w.say("\nA rule that is not for you is switched off here, with the reason, which every\nreport repeats:")
	w.set(false, fmt.Sprintf("rules: %s: off: %s", quote(f.sample(false, "cpu-request-missing")), quote("why it is not for us")))
}

func (f *Found) registries(w *writer) {
	w.say("Registries that images may come from. The rule image-registry allows all of them\nuntil it is told which ones you trust. Strike out those that you do not:")
	images := f.images()
	lines := []string{`rules: "image-registry": parameters: allowed: [`}
	for _, c := range images {
		lines = append(lines, fmt.Sprintf("\t%s, // %d %s", quote(c.name), c.n, plural(c.n, "image")))
	}
	if len(images) == 0 {
		lines = append(lines, "\t"+quote("registry.example.com/team/")+",")
	}
	w.set(false, append(lines, "]")...)
}

func (f *Found) environments(w *writer) {
	all := slices.Sorted(slices.Values(f.Roots))
	found, rest, sure := f.Environments()
	w.say("Environments: the roots that land in one cluster together. With them a namespace is\njudged in each cluster for itself; without, a quota in any root counts for all.")
	switch {
	case len(found) == 0:
		w.say("The names of the roots tell none.")
		found, rest = []Environment{{Name: "prod", Roots: all}}, nil
	case f.Clash != nil:
		w.say("Some roots render one object differently, so that they do not land in one cluster.\nThese are read off the folders and those conflicts: check that each one is a cluster.")
	case sure:
		w.say("The folders tell them; check that each one is a cluster.")
	case len(rest) > 0:
		w.say("These are read off the folders. The names of some roots tell no environment: they\nare proposed for all, so strike them out where they do not land.")
	default:
		w.say("These are read off the folders: check that each one is a single cluster.")
	}
	for i := range found {
		found[i].Roots = slices.Concat(found[i].Roots, rest)
	}
	w.set(sure, strings.Split(Block(found, all), "\n")...)
}

// label is a name as a field of CUE.
func label(name string) string {
	if environmentWords[name] != "" {
		return name
	}
	return quote(name)
}

// Environments are the proposed ones. rest are roots that are proposed for all of
// them; sure says that the names of folders tell each one.
func (f *Found) Environments() (found []Environment, rest []string, sure bool) {
	found, rest, sure = environments(slices.Sorted(slices.Values(f.Roots)))
	if f.Clash == nil {
		return found, rest, sure
	}
	divided := Divide(f.Roots, f.Clash)
	return divided, nil, sure && len(divided) == len(found)
}

func (f *Found) workloads(w *writer) {
	unknown := f.unknown()
	if len(unknown) == 0 {
		w.say("Kinds of custom resources with a pod template, whose pods no rule judges before\nthey stand here. Kubernetes' own and many others are known; none was found that is\nnot.")
		w.set(false, `workloads: [{group: "example.com", kind: "Worker", template: "spec.template"}]`)
		return
	}
	w.say("Custom resources that seem to hold a pod template. No rule judges these pods before\ntheir kind stands here. Accept those of which pods are made:")
	lines := []string{"workloads: ["}
	for _, k := range unknown {
		lines = append(lines, fmt.Sprintf("\t{group: %s, kind: %s, template: %s}, // %s:%d",
			quote(k.Group), quote(k.Kind), quote(k.Template), printable(k.Position.File), k.Position.Line))
	}
	w.set(false, append(lines, "]")...)
}

func (f *Found) exceptions(w *writer) {
	w.say("Every exception has to name who answers for it and when it ends.")
	if f.Exceptions > 0 {
		w.say("Exceptions in the files that do not, and would no longer hold: %d.", f.Exceptions)
	}
	w.set(f.Exceptions == 0, "demand: {", "\towner:   true", "\texpires: true", "}")
	w.WriteString("\n")
	w.say("A finding that has to stay is best accepted where it stands, by a comment:\n\n  # secgen:ignore RULE reason owner=NAME expires=YYYY-MM-DD\n\nor here, for as much as the exception names (files, kinds, namespaces, names, roots,\npath). What is accepted stays in every report.")
	w.set(false, "exceptions: [{", "\trule:    "+quote(f.sample(true, "host-path")), "\treason:  "+quote("why this is acceptable"),
		"\towner:   "+quote("team"), "\texpires: "+quote(f.Today.AddDate(0, 3, 0).Format(time.DateOnly)), "\tfiles: ["+quote("path/**")+"]", "}]")
}

func (f *Found) ownRules(w *writer) {
	w.say("Folders with rules of your own. 'secgen test --scaffold NAME DIR' writes a first one.")
	w.set(false, `ruleFolders: ["policy"]`)
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
