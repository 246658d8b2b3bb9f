package schema

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
)

// shimFile gives Go hold of the module's definitions, whatever the name of the
// module that imports it.
const shimFile = "secgen-shim/shim.cue"

const shim = "package shim\n\nimport \"" + modulePath + "\"\n\n" +
	"rule: schema.#Rule\nviews: schema.#Views\nprofiles: schema.#Profiles\nframeworks: schema.#Frameworks\n"

// compiler reads rules out of loaded packages.
type compiler struct {
	ctx                               *cue.Context
	rule, views, profiles, frameworks cue.Value
	// known are the frameworks whose controls rules may name.
	known []Framework
	// files hold the rules' fixtures.
	files fs.FS
	// builtin: the examples of the rules stay in their fixtures.
	builtin bool
}

// LoadRules reads the rules of folders of a repository, and of all folders below
// them. fsys is the repository's top; dirs are relative to it and use "/". What
// is wrong with the rules comes back as Problems. It runs CUE: see the package
// comment.
func LoadRules(fsys fs.FS, dirs ...string) (*Set, error) {
	files, err := readCUE(fsys, dirs...)
	if err != nil {
		return nil, err
	}
	// A file of CUE belongs to the packages of the folders below it, but the
	// configuration is no part of any rule: another one may be in force.
	delete(files, ConfigFile)
	if files, err = withModule(files); err != nil {
		return nil, err
	}
	return loadRules(files, &compiler{files: fsys}, dirs)
}

// CompileBuiltin reads the built-in rules from their CUE. Builtin is the same,
// compiled when secgen was built.
func CompileBuiltin() (*Set, error) {
	files, err := readCUE(module, "rules")
	if err != nil {
		return nil, err
	}
	return loadRules(files, &compiler{files: module, builtin: true}, []string{"rules"})
}

func loadRules(files memoryFS, c *compiler, dirs []string) (*Set, error) {
	files[shimFile] = []byte(shim)
	var packages []string
	for _, dir := range dirs {
		found := packagesBelow(files, dir)
		if len(found) == 0 {
			return nil, &Problem{Message: fmt.Sprintf("rule folder %q holds no CUE files", dir)}
		}
		packages = append(packages, found...)
	}
	slices.Sort(packages)
	packages = slices.Compact(packages)
	instances, err := loadPackages(files, append([]string{path.Dir(shimFile)}, packages...))
	if err != nil {
		return nil, err
	}
	c.ctx = cuecontext.New()
	base := c.ctx.BuildInstance(instances[0])
	c.rule, c.views, c.profiles = base.LookupPath(cue.ParsePath("rule")), base.LookupPath(cue.ParsePath("views")),
		base.LookupPath(cue.ParsePath("profiles"))
	c.frameworks = base.LookupPath(cue.ParsePath("frameworks"))
	if err := base.Err(); err != nil {
		return nil, problemsOf(err)
	}
	if c.known, err = c.readFrameworks(); err != nil {
		return nil, err
	}
	set := &Set{Frameworks: c.known, cue: map[string]cue.Value{}}
	var problems Problems
	for i, inst := range instances[1:] {
		problems = append(problems, c.read(inst, packages[i], set)...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	slices.SortFunc(set.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	if set.Profiles, err = c.readProfiles(); err != nil {
		return nil, err
	}
	return set, nil
}

// packagesBelow lists the folders with CUE files at or below dir.
func packagesBelow(files memoryFS, dir string) []string {
	dir = path.Clean(dir)
	var out []string
	for name := range files {
		folder := path.Dir(name)
		inside := dir == "." || folder == dir || strings.HasPrefix(folder, dir+"/")
		if inside && !strings.HasPrefix(name, "cue.mod/") && name != shimFile && !slices.Contains(out, folder) {
			out = append(out, folder)
		}
	}
	return out
}

// read adds the rules that are declared in the very folder dir: the files of its
// parents belong to the package too, but their rules are read with the parent.
func (c *compiler) read(inst *build.Instance, dir string, set *Set) Problems {
	pkg := c.ctx.BuildInstance(inst)
	var problems Problems
	seen := map[string]bool{}
	for _, d := range topFields(inst) {
		if path.Dir(fileOf(d.file.Filename)) != dir || seen[d.name] {
			continue
		}
		seen[d.name] = true
		if old := set.Rule(d.name); old != nil {
			problems = append(problems, problemAt(d.field.Pos(), "rule %q is there already, at %s; give it another name", d.name, old.Position))
			continue
		}
		r := &ruleReader{compiler: c, inst: inst, pkg: pkg, name: d.name, at: d.field, file: d.file, dir: dir}
		rule, value, found := r.read()
		if len(found) > 0 {
			for _, p := range found {
				p.Rule = d.name
			}
			problems = append(problems, found...)
			continue
		}
		set.Rules = append(set.Rules, rule)
		set.cue[rule.ID] = value
	}
	if len(seen) == 0 && pkg.Err() != nil {
		problems = append(problems, problemsOf(pkg.Err())...)
	}
	return problems
}
