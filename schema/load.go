package schema

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/token"
	"cuelang.org/go/mod/modfile"
	cuemodule "cuelang.org/go/mod/module"

	"github.com/secgen/secgen/manifest"
)

// modulePath is how users import the CUE module.
const modulePath = "github.com/secgen/secgen/schema"

// virtualTop is where CUE believes the repository to be. Nothing is there on any
// disk, so that what CUE reads is in memory. (Reading from an fs.FS, cue/load
// v0.17.1 cannot follow imports below cue.mod/pkg.)
const virtualTop = "/secgen.invalid/repository"

// memoryFS is files by their path.
type memoryFS map[string][]byte

// userModule is the module of a repository that has none of its own.
const userModule = "module: \"secgen.invalid/repository@v0\"\nlanguage: version: \"v0.15.0\"\n"

// withModule adds the embedded module to CUE files of a repository, under
// cue.mod/pkg, so that it can be imported without a registry.
func withModule(files memoryFS) (memoryFS, error) {
	if _, ok := files[moduleFile]; !ok {
		files[moduleFile] = []byte(userModule)
	}
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "cue.mod/") {
			return err
		}
		data, err := fs.ReadFile(module, name)
		files[path.Join("cue.mod/pkg", modulePath, name)] = data
		return err
	})
	return files, err
}

// loadPackages loads the CUE packages of folders, which are relative to the top
// of files. Nothing outside files is read and no registry is asked.
func loadPackages(files memoryFS, dirs []string) ([]*build.Instance, error) {
	args := make([]string, len(dirs))
	for i, dir := range dirs {
		args[i] = "./" + dir
	}
	overlay := map[string]load.Source{}
	for name, data := range files {
		overlay[path.Join(virtualTop, name)] = load.FromBytes(data)
	}
	instances := load.Instances(args, &load.Config{Dir: virtualTop, ModuleRoot: virtualTop, Overlay: overlay,
		Registry: refusingRegistry{}, Env: []string{}})
	var problems Problems
	for _, inst := range instances {
		if inst.Err != nil {
			problems = append(problems, problemsOf(inst.Err)...)
			continue
		}
		for _, file := range inst.Files {
			problems = append(problems, refusedParts(file)...)
		}
	}
	if len(problems) > 0 {
		// Instances that share a file share its errors.
		return nil, slices.CompactFunc(problems, func(a, b *Problem) bool { return *a == *b })
	}
	return instances, nil
}

// refusedParts finds what a repository's CUE must not do: read other files, and
// run or fetch anything.
func refusedParts(file *ast.File) Problems {
	var problems Problems
	for spec := range file.ImportSpecs() {
		name := strings.Trim(spec.Path.Value, `"`)
		if name == "tool" || strings.HasPrefix(name, "tool/") {
			problems = append(problems, problemAt(spec.Pos(), "import %q is refused: rules run no tools; remove it", name))
		}
	}
	ast.Walk(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Attribute:
			if name := n.Name(); name == "embed" || name == "extern" {
				problems = append(problems, problemAt(n.Pos(), "@%s is refused: rules read no other files; write the value here", name))
			}
		case *ast.UnaryExpr:
			problems = append(problems, wrongPattern(n.Op, n.X)...)
		case *ast.BinaryExpr:
			problems = append(problems, wrongPattern(n.Op, n.Y)...)
		}
		return true
	}, nil)
	return problems
}

// wrongPattern refuses a regular expression that is none. CUE would take it for a
// demand that nothing satisfies.
func wrongPattern(op token.Token, e ast.Expr) Problems {
	lit, ok := e.(*ast.BasicLit)
	if op != token.MAT && op != token.NMAT || !ok || lit.Kind != token.STRING {
		return nil
	}
	text, err := literal.Unquote(lit.Value)
	if err == nil {
		_, err = regexp.Compile(text)
	}
	if err != nil {
		return Problems{problemAt(lit.Pos(), "%v", err)}
	}
	return nil
}

// refusingRegistry keeps CUE from fetching modules.
type refusingRegistry struct{}

func (refusingRegistry) refuse(m cuemodule.Version) error {
	return fmt.Errorf("module %s is not in the repository, and secgen opens no connection; copy it below cue.mod/pkg", m)
}

func (r refusingRegistry) ModFile(_ context.Context, m cuemodule.Version) (*modfile.File, error) {
	return nil, r.refuse(m)
}

func (r refusingRegistry) Fetch(_ context.Context, m cuemodule.Version) (cuemodule.SourceLoc, error) {
	return cuemodule.SourceLoc{}, r.refuse(m)
}

func (r refusingRegistry) ModuleVersions(_ context.Context, path string) ([]string, error) {
	return nil, fmt.Errorf("module %s is not in the repository, and secgen opens no connection; copy it below cue.mod/pkg", path)
}

// problemsOf turns CUE's errors into problems at their positions.
func problemsOf(err error) Problems { return problemsIn(err, nil) }

// problemsIn is problemsOf, with the positions in one file where an error has
// several or stands in the file's type.
func problemsIn(err error, at *places) Problems {
	var problems Problems
	for _, e := range errors.Errors(err) {
		problem := &Problem{Position: positionOf(e.Position()), Message: messageOf(e)}
		for _, pos := range e.InputPositions() {
			if p := positionOf(pos); !p.IsZero() && (problem.Position.IsZero() || at != nil && p.File == at.file && problem.Position.File != at.file) {
				problem.Position = p
			}
		}
		if at != nil && problem.Position.File != at.file {
			problem.Position = at.nearest(e.Path())
		}
		problems = append(problems, problem)
	}
	problems = outsideShim(problems)
	// CUE heads the errors of a disjunction with one that stands nowhere.
	if placed := slices.DeleteFunc(slices.Clone(problems), func(p *Problem) bool { return p.Position.IsZero() }); len(placed) > 0 {
		problems = placed
	}
	slices.SortStableFunc(problems, func(a, b *Problem) int { return a.Position.Compare(b.Position) })
	return slices.CompactFunc(problems, func(a, b *Problem) bool { return *a == *b })
}

var importFailed = regexp.MustCompile(`^import failed: \S+:\d+:\d+: `)

// messageOf is CUE's message without the folder that only this program knows, and
// without its second mention of the import's place.
func messageOf(e errors.Error) string {
	return importFailed.ReplaceAllString(strings.ReplaceAll(e.Error(), virtualTop+"/", ""), "")
}

// outsideShim leaves out what is wrong at the import of secgen's own module where
// the reason stands elsewhere. Alone it means that CUE could not make sense of the
// repository's module file, whose dependencies concern every import.
func outsideShim(problems Problems) Problems {
	inShim := func(p *Problem) bool { return p.Position.File == shimFile }
	if rest := slices.DeleteFunc(slices.Clone(problems), inShim); len(rest) > 0 {
		return rest
	}
	for _, p := range problems {
		if inShim(p) {
			p.Position = manifest.Position{File: "cue.mod/module.cue", Line: 1, Column: 1}
		}
	}
	return problems
}

// positionOf is where CUE says something stands; files are relative to the top.
func positionOf(pos token.Pos) manifest.Position {
	p := pos.Position()
	if p.Line == 0 {
		return manifest.Position{}
	}
	return manifest.Position{File: fileOf(p.Filename), Line: p.Line, Column: p.Column}
}

// fileOf is the name of a file in the repository. Files of the embedded module
// are named as its sources are.
func fileOf(name string) string {
	name = strings.TrimPrefix(name, virtualTop+"/")
	return strings.TrimPrefix(name, "cue.mod/pkg/github.com/secgen/secgen/")
}

func problemAt(pos token.Pos, format string, args ...any) *Problem {
	return &Problem{Position: positionOf(pos), Message: fmt.Sprintf(format, args...)}
}
