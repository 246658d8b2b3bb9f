package discover

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/go-git/go-git/v5/plumbing/format/index"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// ignoreFile is the repository's own list of what secgen leaves alone.
const ignoreFile = ".secgenignore"

// maxPatterns bounds the patterns of one ignore file: each is tried on each file.
const maxPatterns = 5000

// rule is one line of an ignore file, or a folder of rules.
type rule struct {
	gitignore.Pattern
	at manifest.Position
	// reason is why a file is ignored, and why what is said of a folder with it.
	reason, why string
}

// ignoreRules reads an ignore file. Patterns hold below the folder that it is in.
func ignoreRules(tree *source.Tree, file string) ([]rule, error) {
	data, err := tree.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var domain []string
	if dir := path.Dir(file); dir != "." {
		domain = strings.Split(dir, "/")
	}
	var rules []rule
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text = strings.TrimPrefix(strings.TrimRight(text, "\r\n"), "\ufeff")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if len(rules) == maxPatterns {
			return nil, &source.Problem{Position: manifest.Position{File: file, Line: line, Column: 1},
				Reason: "holds more patterns than the limit of 5000"}
		}
		r := rule{Pattern: gitignore.ParsePattern(text, domain), at: manifest.Position{File: file, Line: line, Column: 1}}
		if path.Base(file) == ignoreFile {
			r.reason, r.why = file+" names it: "+text, file+" names"
		} else {
			r.reason = "untracked, and .gitignore names it: " + text
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// hit returns the rule that decides on a file, or nil where it is not ignored.
// As with Git, a file in an ignored folder cannot be taken back.
func hit(rules []rule, file string) *rule {
	parts := strings.Split(file, "/")
	for n := 1; n <= len(parts); n++ {
		for i := len(rules) - 1; i >= 0; i-- {
			match := rules[i].Match(parts[:n], n < len(parts))
			if match == gitignore.Exclude {
				return &rules[i]
			}
			if match == gitignore.Include {
				break
			}
		}
	}
	return nil
}

// tracked is the files in Git's index. known is false where there is no Git
// folder, or an index that cannot be read.
func tracked(tree *source.Tree) (files map[string]bool, known bool) {
	data, exists := tree.GitIndex()
	if !exists {
		return nil, false
	}
	if data == nil {
		return nil, true // nothing was ever added
	}
	var idx index.Index
	if err := index.NewDecoder(bytes.NewReader(data)).Decode(&idx); err != nil {
		return nil, false
	}
	files = make(map[string]bool, len(idx.Entries))
	for _, e := range idx.Entries {
		files[e.Name] = true
	}
	return files, true
}

// ignores decides which files are ignored, and remembers why.
type ignores struct {
	own      []rule
	git      []rule
	tracked  map[string]bool
	gitKnown bool
	// elsewhere says that Git's index exists and is out of reach.
	elsewhere bool
	tests     []tests
}

func readIgnores(tree *source.Tree, l *listing, rules []RuleFolder) (*ignores, []File, error) {
	ig := &ignores{tests: testsOf(rules, l.files)}
	var unread []File
	own, err := ignoreRules(tree, ignoreFile)
	if err != nil && !isMissing(err) {
		// Its patterns cannot be guessed, so nothing is ignored, and that is said.
		unread = append(unread, unreadFile(ignoreFile, err))
	}
	ig.own = own
	ig.tracked, ig.gitKnown = tracked(tree)
	ig.elsewhere = tree.GitElsewhere()
	if !ig.gitKnown && !ig.elsewhere {
		return ig, unread, nil
	}
	for _, file := range l.ignoreFiles {
		rules, err := ignoreRules(tree, file)
		if err != nil {
			continue // what it would ignore is read instead
		}
		ig.git = append(ig.git, rules...)
	}
	return ig, unread, nil
}

// byGit tells whether Git ignores a file that it does not track.
func (ig *ignores) byGit(file string) *rule {
	if !ig.gitKnown || ig.tracked[file] {
		return nil
	}
	return hit(ig.git, file)
}

// outOfReach notes files that are linted and that Git may ignore, where its index,
// which would tell, lies outside of the repository.
func (d *discovery) outOfReach() {
	if !d.ignores.elsewhere {
		return
	}
	var files []string
	for name, f := range d.files {
		if f.Bucket == Linted && hit(d.ignores.git, name) != nil {
			files = append(files, name)
		}
	}
	if len(files) == 0 {
		return
	}
	d.repo.Notes = append(d.repo.Notes, Note{manifest.Position{File: ".git", Line: 1, Column: 1}, fmt.Sprintf(
		"Git's index lies outside of this work tree or submodule and is not read, so %d files that .gitignore names are linted, such as %s; name in .secgenignore what is not to be",
		len(files), slices.Min(files))})
}

// bySecgen tells whether .secgenignore names a file, or whether it tests a rule.
func (ig *ignores) bySecgen(file string) *rule {
	if r := hit(ig.own, file); r != nil {
		return r
	}
	for i := range ig.tests {
		if ig.tests[i].has(file) {
			return &ig.tests[i].rule
		}
	}
	return nil
}
