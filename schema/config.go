package schema

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"

	"github.com/secgen/secgen/manifest"
)

// ConfigFile is where a repository keeps its configuration.
const ConfigFile = "secgen.cue"

// Config is a repository's configuration in plain data; config.cue documents its
// fields. Positions are in the file that was read.
type Config struct {
	Profile string
	// ProfileAt is zero where the profile is the default.
	ProfileAt    manifest.Position
	Rules        []RuleConfig
	RuleFolders  []RuleFolder
	Environments []EnvironmentConfig
	Exceptions   []ExceptionConfig
	Workloads    []WorkloadConfig
	// DemandOwner and DemandExpires are what every exception has to name.
	DemandOwner, DemandExpires bool
	// Policy is for compile, nil where none is written.
	Policy *Policy
}

// RuleConfig is what a repository says about one rule.
type RuleConfig struct {
	Rule string
	// Off is why the rule is switched off, or "".
	Off        string
	Parameters Parameters
	Position   manifest.Position
}

// RuleFolder holds rules of the repository's own.
type RuleFolder struct {
	Path     string
	Position manifest.Position
}

// EnvironmentConfig is the roots that land in one cluster together.
type EnvironmentConfig struct {
	Name string
	// Roots are globs of names of roots; a trailing /** covers a folder.
	Roots []string
	// Policy of this cluster, over the one for all; may be nil.
	Policy   *Policy
	Position manifest.Position
}

// ExceptionConfig is an accepted finding. Empty fields of its scope cover
// everything.
type ExceptionConfig struct {
	Rule    string
	Reason  string
	Owner   string
	Expires string

	Files, Kinds, Namespaces, Names, Roots []string

	Path     string
	Position manifest.Position
}

// WorkloadConfig is a kind of custom resource with a pod template. See
// workload.cue.
type WorkloadConfig struct {
	Group, Kind, Template string
	Position              manifest.Position
}

// LoadConfig reads the text of a configuration as that of ConfigFile at the top of
// fsys, wherever it comes from: it may import the repository's packages, and
// positions name that file. What is wrong with it comes back as Problems. It runs
// CUE: see the package comment. Config.Check judges what depends on the rules.
func LoadConfig(fsys fs.FS, text []byte) (*Config, error) {
	const name = ConfigFile
	files, err := readImports(fsys, name, text)
	if err != nil {
		return nil, err
	}
	if files, err = withModule(files); err != nil {
		return nil, err
	}
	files[shimFile] = []byte("package shim\n\nimport \"" + modulePath + "\"\n\nconfig: schema.#Config\n")
	instances, err := loadPackages(files, []string{path.Dir(shimFile), name})
	if err != nil {
		return nil, err
	}
	ctx := cuecontext.New()
	base := ctx.BuildInstance(instances[0])
	if err := base.Err(); err != nil {
		return nil, problemsOf(err)
	}
	types := base.LookupPath(cue.ParsePath("config"))
	own := ctx.BuildInstance(instances[1])
	if err := own.Err(); err != nil {
		return nil, ownProblems(err, placesOf(instances[1].Files[0], 0))
	}
	if problems := unknownSettings(types, own, placesOf(instances[1].Files[0], 0)); len(problems) > 0 {
		return nil, problems
	}
	at := placesOf(instances[1].Files[0], len(types.Path().Selectors()))
	value := types.Unify(own)
	if err := value.Validate(cue.Concrete(true)); err != nil {
		return nil, configProblems(err, at)
	}
	d := &configDecoder{value: value, places: at}
	return d.decode()
}

// unknownSettings finds settings that do not exist and proposes the nearest.
func unknownSettings(types, own cue.Value, at *places) Problems {
	var problems Problems
	if types.IncompleteKind()&own.IncompleteKind() == 0 {
		return nil // of another type altogether, which is an error of its own
	}
	fields, err := own.Fields()
	for err == nil && fields.Next() {
		name := fields.Selector().Unquoted()
		inner, open := fieldType(types, name)
		switch {
		case open:
		case !inner.Exists():
			problems = append(problems, &Problem{Position: at.of(fields.Value()),
				Message: fmt.Sprintf("there is no setting %s%s", fields.Value().Path(), didYouMean(name, fieldNames(types)))})
		default:
			problems = append(problems, unknownSettings(inner, fields.Value(), at)...)
		}
	}
	items, err := own.List()
	for err == nil && items.Next() {
		if item := itemType(types); item.Exists() && !isTop(item) {
			problems = append(problems, unknownSettings(item, items.Value(), at)...)
		}
	}
	return problems
}

// ownProblems are CUE's errors about a configuration before it meets the types.
// Some, such as cycles, say only which value is wrong.
func ownProblems(err error, at *places) Problems {
	problems := problemsOf(err)
	if slices.ContainsFunc(problems, func(p *Problem) bool { return p.Position.IsZero() }) {
		problems = problemsIn(err, at)
	}
	for _, p := range problems {
		p.Message = plainly(p.Message)
	}
	return problems
}

// configProblems are CUE's errors about a configuration, each at its line of the
// configuration rather than of the module.
func configProblems(err error, at *places) Problems {
	problems := joinChoices(problemsIn(err, at))
	for _, p := range problems {
		p.Message = plainly(strings.TrimPrefix(p.Message, "config."))
	}
	return problems
}
