package schema

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Linter judges a small repository by some rules. The harness is handed one, since
// views are made elsewhere.
type Linter func(rules []*Bound, files map[string][]byte) ([]Found, error)

// Found is one finding in a fixture.
type Found struct {
	Rule    string
	File    string
	Line    int
	Message string
}

// Failure is one thing that a fixture shows to be wrong.
type Failure struct {
	// File is relative to the folder that was tested; Line is 0 for the whole file.
	File    string
	Line    int
	Message string
}

func (f Failure) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// TestReport is what the fixtures of a set of rules come to.
type TestReport struct {
	Rules, Fixtures int
	Failures        []Failure
}

// RunFixtures tests rules by the fixtures that stand beside them: every fail*.yaml
// has a line with # want for each finding, and every pass*.yaml has no finding. A
// folder fail* or pass* is a repository of several files. The documents of a
// fixture are one root. A line `# parameters {name: value}` sets parameters. fsys
// is what the rules were loaded from. An error means that the tests could not be
// run.
func (s *Set) RunFixtures(fsys fs.FS, lint Linter) (*TestReport, error) {
	report := &TestReport{Rules: len(s.Rules)}
	byFolder := map[string][]*Rule{}
	for _, r := range s.Rules {
		dir := path.Dir(r.Position.File)
		byFolder[dir] = append(byFolder[dir], r)
	}
	for dir, rules := range byFolder {
		t := &fixtureTest{set: s, rules: rules, lint: lint, report: report}
		if err := t.folder(fsys, dir); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(report.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return report, nil
}

// fixtureTest runs the fixtures of one folder.
type fixtureTest struct {
	set    *Set
	rules  []*Rule
	lint   Linter
	report *TestReport
	// failing and passing are the rules that some fixture shows.
	failing, passing map[string]bool
}

func (t *fixtureTest) fail(file string, line int, format string, args ...any) {
	t.report.Failures = append(t.report.Failures, Failure{file, line, fmt.Sprintf(format, args...)})
}

func (t *fixtureTest) folder(fsys fs.FS, dir string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return err
	}
	t.failing, t.passing = map[string]bool{}, map[string]bool{}
	before := len(t.report.Failures)
	for _, e := range entries {
		fails := strings.HasPrefix(e.Name(), "fail")
		if !fails && !strings.HasPrefix(e.Name(), "pass") {
			continue
		}
		name := path.Join(dir, e.Name())
		files, err := fixtureFiles(fsys, name, e)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			continue
		}
		if err := t.fixture(name, files, fails); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(t.report.Failures) > before {
		return nil // mended first, since what follows would say the same again
	}
	return t.examples()
}

// fixtureFiles reads a fixture: one YAML file, or all files of a folder.
func fixtureFiles(fsys fs.FS, name string, e fs.DirEntry) (map[string][]byte, error) {
	files := map[string][]byte{}
	if !e.IsDir() {
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
			return nil, nil
		}
		data, err := fs.ReadFile(fsys, name)
		files[path.Base(name)] = data
		return files, err
	}
	err := fs.WalkDir(fsys, name, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(fsys, file)
		files[strings.TrimPrefix(file, name+"/")] = data
		return err
	})
	return files, err
}

// fixture judges one fixture and compares the findings with its marks.
func (t *fixtureTest) fixture(name string, files map[string][]byte, fails bool) error {
	t.report.Fixtures++
	shown := func(file string) string {
		if _, single := files[path.Base(name)]; single {
			return name
		}
		return path.Join(name, file)
	}
	var wants []want
	var given Parameters
	for file, text := range files {
		found, err := wantsIn(file, text)
		if err != nil {
			t.fail(shown(file), 0, "%v", err)
		}
		wants = append(wants, found...)
		parameters, err := parametersIn(text)
		if err != nil {
			t.fail(shown(file), 0, "%v", err)
		}
		if parameters != nil {
			given = parameters
		}
	}
	if fails && len(wants) == 0 {
		t.fail(name, 0, "no line is marked; end each line that breaks the rule with # want %s", t.rules[0].ID)
	}
	if !fails && len(wants) > 0 {
		t.fail(shown(wants[0].file), wants[0].line, "a line is marked in a fixture that passes; call it fail-....yaml or remove the mark")
	}
	bound, err := t.bind(given)
	if err != nil {
		t.fail(name, 0, "%v", err)
		return nil
	}
	found, err := t.lint(bound, files)
	if err != nil {
		return err
	}
	t.compare(shown, wants, found)
	for _, r := range t.rules {
		if !fails {
			t.passing[r.ID] = true
		}
	}
	return nil
}

// bind readies the folder's rules with the parameters that each of them knows.
func (t *fixtureTest) bind(given Parameters) ([]*Bound, error) {
	used := map[string]bool{}
	var out []*Bound
	for _, r := range t.rules {
		own := Parameters{}
		for _, p := range r.Parameters {
			if value, ok := given[p.Name]; ok {
				own[p.Name], used[p.Name] = value, true
			}
		}
		b, err := t.set.Bind(r, own)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	for name := range given {
		if !used[name] {
			return nil, fmt.Errorf("# parameters: %w", t.rules[0].CheckParameter(name, given[name]))
		}
	}
	return out, nil
}

// compare matches findings with marks: each finding needs a mark of its rule on
// its line, and each mark a finding.
func (t *fixtureTest) compare(shown func(string) string, wants []want, found []Found) {
	met := make([]bool, len(wants))
	for _, f := range found {
		var misfit string
		ok := false
		for i, w := range wants {
			if w.rule != f.Rule || w.file != f.File || w.line != f.Line {
				continue
			}
			if w.message != nil && !w.message.MatchString(f.Message) {
				misfit = fmt.Sprintf("; the mark wants a message that matches %q", w.message)
				continue
			}
			met[i], ok = true, true
			t.failing[f.Rule] = true
		}
		if !ok {
			t.fail(shown(f.File), f.Line, "unexpected finding of %s: %s%s", f.Rule, f.Message, misfit)
		}
	}
	for i, w := range wants {
		if !met[i] {
			reason := ""
			if !slices.ContainsFunc(t.rules, func(r *Rule) bool { return r.ID == w.rule }) {
				reason = "; the folder has no such rule"
			}
			t.fail(shown(w.file), w.line, "%s finds nothing here, but the line is marked%s", w.rule, reason)
		}
	}
}

// examples tests the examples of the rules that bring their own, and demands a
// test of every rule.
func (t *fixtureTest) examples() error {
	for _, r := range t.rules {
		if !t.failing[r.ID] && r.Examples.Fails != "" || !t.passing[r.ID] && r.Examples.Passes != "" {
			bound, err := t.set.Bind(r, nil)
			if err != nil {
				return err
			}
			for _, example := range []struct {
				name, text string
				fails      bool
			}{{"fails", r.Examples.Fails, true}, {"passes", r.Examples.Passes, false}} {
				t.report.Fixtures++
				found, err := t.lint([]*Bound{bound}, map[string][]byte{"example.yaml": []byte(example.text)})
				if err != nil {
					return err
				}
				if own := slices.ContainsFunc(found, func(f Found) bool { return f.Rule == r.ID }); own != example.fails {
					t.fail(r.Position.File, r.Position.Line, "examples.%s of %s does the opposite", example.name, r.ID)
					continue
				}
				t.failing[r.ID] = t.failing[r.ID] || example.fails
				t.passing[r.ID] = t.passing[r.ID] || !example.fails
			}
		}
		if !t.failing[r.ID] {
			t.fail(r.Position.File, r.Position.Line, "no test shows what breaks %s; write a fail.yaml beside it whose offending line ends with # want %s", r.ID, r.ID)
		}
		if !t.passing[r.ID] {
			t.fail(r.Position.File, r.Position.Line, "no test shows what passes %s; write a pass.yaml beside it", r.ID)
		}
	}
	return nil
}
