package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"

	"github.com/secgen/secgen/manifest"
)

// Bounds on the CUE that is read of a repository.
const (
	maxCUEFile  = 1 << 20
	maxCUETotal = 32 << 20
	maxCUEFiles = 5000
)

// sources reads the CUE files that some folders need into memory, so that CUE
// itself never touches a disk: the folders, all below and above them, and what
// they import from the repository. Other CUE of the repository is not read.
type sources struct {
	fsys   fs.FS
	module string
	files  memoryFS
	seen   map[string]bool
	total  int
}

// readCUE reads what the packages in and below dirs need.
func readCUE(fsys fs.FS, dirs ...string) (memoryFS, error) {
	s := &sources{fsys: fsys, files: memoryFS{}, seen: map[string]bool{}}
	if err := s.moduleFile(); err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if err := s.tree(path.Clean(dir)); err != nil {
			return nil, err
		}
	}
	return s.files, nil
}

// readImports reads what one file imports; its text is given.
func readImports(fsys fs.FS, name string, text []byte) (memoryFS, error) {
	s := &sources{fsys: fsys, files: memoryFS{}, seen: map[string]bool{}}
	if err := s.moduleFile(); err != nil {
		return nil, err
	}
	s.files[name] = text
	err := s.imports(name)
	// The folder of the file may have been read with another text in it.
	s.files[name] = text
	return s.files, err
}

const moduleFile = "cue.mod/module.cue"

// moduleFile reads the repository's own module file, where there is one.
func (s *sources) moduleFile() error {
	if err := s.file(moduleFile); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	file, err := parser.ParseFile(moduleFile, s.files[moduleFile])
	if err != nil {
		return nil // CUE will say what is wrong with it
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.Field)
		if !ok {
			continue
		}
		if lit, ok := f.Value.(*ast.BasicLit); ok {
			if name, _, err := ast.LabelName(f.Label); err == nil && name == "module" {
				if text, err := literal.Unquote(lit.Value); err == nil {
					s.module = plainPath(text)
				}
			}
		}
	}
	return nil
}

// tree reads a folder with all below it and the folders above.
func (s *sources) tree(dir string) error {
	if err := s.folders(dir); err != nil {
		return err
	}
	return fs.WalkDir(s.fsys, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == dir && errors.Is(err, fs.ErrNotExist):
			return &Problem{Message: fmt.Sprintf("there is no folder %q in the repository", dir)}
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path.Base(name) == ".git" || name == "cue.mod":
			return fs.SkipDir
		}
		return s.folder(name)
	})
}

// folders reads the files of a folder and of those above it, which belong to the
// same package where their name is the same.
func (s *sources) folders(dir string) error {
	for ; ; dir = path.Dir(dir) {
		if err := s.folder(dir); err != nil {
			return err
		}
		if dir == "." || path.Dir(dir) == "cue.mod" {
			return nil
		}
	}
}

func (s *sources) folder(dir string) error {
	if s.seen[dir] {
		return nil
	}
	s.seen[dir] = true
	entries, err := fs.ReadDir(s.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // whoever needs it says so
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if path.Ext(name) != ".cue" || e.IsDir() {
			continue
		}
		if err := s.file(name); err != nil {
			var known *Problem
			if errors.As(err, &known) {
				return known
			}
			return &Problem{Position: manifest.Position{File: name}, Message: fmt.Sprintf("cannot be read: %v", err)}
		}
		if err := s.imports(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *sources) file(name string) error {
	// Stat follows a symlink, inside the bounds that the caller gave fsys.
	info, err := fs.Stat(s.fsys, name)
	if err != nil {
		return err
	}
	at := manifest.Position{File: name}
	switch {
	case !info.Mode().IsRegular():
		return &Problem{Position: at, Message: "it is no regular file; CUE is read from regular files only"}
	case info.Size() > maxCUEFile:
		return &Problem{Position: at, Message: fmt.Sprintf("the file has %d bytes; CUE files may have %d", info.Size(), maxCUEFile)}
	case s.total+int(info.Size()) > maxCUETotal || len(s.files) >= maxCUEFiles:
		return &Problem{Position: at, Message: fmt.Sprintf("rules and configuration need more CUE than secgen reads: %d files or %d bytes", maxCUEFiles, maxCUETotal)}
	}
	data, err := fs.ReadFile(s.fsys, name)
	s.total += len(data)
	s.files[name] = data
	return err
}

// imports reads the packages that a file imports from the repository.
func (s *sources) imports(name string) error {
	file, err := parser.ParseFile(name, s.files[name], parser.ImportsOnly)
	if err != nil {
		return nil // CUE will say what is wrong with it
	}
	for spec := range file.ImportSpecs() {
		text, err := literal.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		imported := plainPath(text)
		if rest, own := strings.CutPrefix(imported, s.module); own && s.module != "" && (rest == "" || rest[0] == '/') {
			if err := s.importedFolder(strings.TrimPrefix(rest, "/")); err != nil {
				return err
			}
		}
		for _, sub := range []string{"pkg", "gen", "usr"} {
			if err := s.importedFolder("cue.mod/" + sub + "/" + imported); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sources) importedFolder(dir string) error {
	dir = path.Clean(dir)
	if !fs.ValidPath(dir) {
		return nil
	}
	return s.folders(dir)
}
