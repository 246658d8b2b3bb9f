package discover

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// listing is what the walk saw: every folder and file once, in sorted order.
// Symlinked folders are not entered: what is inside the repository is walked
// where it stands.
type listing struct {
	files []string            // regular files, and what is none but has a manifest's name
	names map[string][]string // kustomization files of each folder, in kustomize's order
	odd   map[string]*source.Problem
	// ignoreFiles are the .gitignore files, outer ones first.
	ignoreFiles []string
}

func walk(tree *source.Tree) (*listing, error) {
	l := &listing{names: map[string][]string{}, odd: map[string]*source.Problem{}}
	if err := l.folder(tree, "."); err != nil {
		return nil, err
	}
	slices.Sort(l.files)
	return l, nil
}

func (l *listing) folder(tree *source.Tree, dir string) error {
	entries, err := tree.ReadDir(dir)
	if err != nil {
		if dir == "." {
			return err
		}
		// A folder that vanished or cannot be listed is named, and costs no more.
		var p *source.Problem
		if !errors.As(err, &p) {
			return err
		}
		l.files = append(l.files, dir)
		l.odd[dir] = p
		return nil
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch mode := entry.Type(); {
		case entry.Name() == ".git":
		case mode.IsDir():
			if err := l.folder(tree, name); err != nil {
				return err
			}
		case mode.IsRegular():
			l.file(name)
		case mode&fs.ModeSymlink != 0:
			l.link(tree, name)
		case isYAML(name) || isKustomizationName(name):
			l.files = append(l.files, name)
			l.odd[name] = notRegular(tree, name)
		}
	}
	slices.SortFunc(l.names[dir], func(a, b string) int {
		return slices.Index(fileNames, a) - slices.Index(fileNames, b)
	})
	return nil
}

// notRegular says what a file is that no one may open.
func notRegular(tree *source.Tree, name string) *source.Problem {
	_, err := tree.ReadFile(name)
	var p *source.Problem
	if errors.As(err, &p) {
		return p
	}
	return &source.Problem{Position: manifest.Position{File: name}, Reason: "is no regular file"}
}

func (l *listing) file(name string) {
	l.files = append(l.files, name)
	base, dir := path.Base(name), path.Dir(name)
	if isKustomizationName(base) {
		l.names[dir] = append(l.names[dir], base)
	}
	if base == ".gitignore" {
		l.ignoreFiles = append(l.ignoreFiles, name)
	}
}

// link looks where a symlink leads. Its target is walked where it stands, and
// ends in its bucket there; only a kustomization file, and what cannot be followed,
// matters here.
func (l *listing) link(tree *source.Tree, name string) {
	if !isYAML(name) && !isKustomizationName(name) {
		return
	}
	_, dir, err := tree.Resolve(name)
	var p *source.Problem
	switch {
	case errors.As(err, &p):
		l.files = append(l.files, name)
		l.odd[name] = p
	case !dir && isKustomizationName(name):
		l.names[path.Dir(name)] = append(l.names[path.Dir(name)], path.Base(name))
	}
}

// isYAML tells whether a name is that of a YAML or JSON file.
func isYAML(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
