package write

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// swapper replaces a folder by a new one.
type swapper struct {
	Target
	parent *os.Root
	// base is the folder's name in parent.
	base string
}

// fresh is where the new tree is built, and where the old one is after the
// exchange; aside is where the old one waits where there is no exchange.
func (s swapper) fresh() string { return "." + s.base + freshSuffix }
func (s swapper) aside() string { return "." + s.base + asideSuffix }

const freshSuffix, asideSuffix = ".secgen-new", ".secgen-old"

// Unfinished tells whether a path is in what a killed run has left, which the next
// one removes.
func Unfinished(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return strings.HasPrefix(part, ".") && (strings.HasSuffix(part, freshSuffix) || strings.HasSuffix(part, asideSuffix))
	})
}

// before gives the tests a say before each change of the disk.
func (s swapper) before(what string) error {
	if s.step == nil {
		return nil
	}
	return s.step(what)
}

// recover cleans up what a killed run left: the old tree, if it was moved aside
// and nothing took its place, comes back; all else is removed.
func (s swapper) recover() error {
	if _, err := s.parent.Lstat(s.base); errors.Is(err, fs.ErrNotExist) {
		if err := s.parent.Rename(s.aside(), s.base); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range []string{s.fresh(), s.aside()} {
		if err := s.discard(name); err != nil {
			return err
		}
	}
	return nil
}

// replace builds the new tree and puts it in the old one's place. After an error
// the old tree is as it was.
func (s swapper) replace(old tree, files []File) error {
	if err := s.build(old, files); err != nil {
		return errors.Join(fmt.Errorf("output folder %s stays as it was: %w", s.Dir, err), s.discard(s.fresh()))
	}
	if err := s.exchange(); err != nil {
		return errors.Join(fmt.Errorf("output folder %s stays as it was: %w", s.Dir, err), s.discard(s.fresh()))
	}
	for _, name := range []string{s.fresh(), s.aside()} {
		if err := s.discard(name); err != nil {
			return fmt.Errorf("output folder %s is written; what is left of the old one: %w", s.Dir, err)
		}
	}
	return nil
}

// build makes the new tree beside the old one and syncs it. Files of somebody
// else are linked into it.
func (s swapper) build(old tree, files []File) error {
	made := map[string]bool{}
	mkdir := func(dir string) error {
		var missing []string
		for at := dir; !made[at]; at = path.Dir(at) {
			missing = append(missing, at)
			if at == "." {
				break
			}
		}
		for _, at := range slices.Backward(missing) {
			if err := s.before("mkdir " + at); err != nil {
				return err
			}
			if err := s.parent.Mkdir(path.Join(s.fresh(), at), 0o755); err != nil {
				return err
			}
			made[at] = true
		}
		return nil
	}
	if err := mkdir("."); err != nil {
		return err
	}
	for _, name := range old.foreign() {
		if err := mkdir(path.Dir(name)); err != nil {
			return err
		}
		if err := s.before("link " + name); err != nil {
			return err
		}
		if err := s.parent.Link(path.Join(s.base, name), path.Join(s.fresh(), name)); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := mkdir(path.Dir(f.Path)); err != nil {
			return err
		}
		if err := s.write(f); err != nil {
			return err
		}
	}
	for dir := range made {
		if err := s.sync(path.Join(s.fresh(), dir)); err != nil {
			return err
		}
	}
	return nil
}

func (s swapper) write(f File) error {
	if err := s.before("write " + f.Path); err != nil {
		return err
	}
	file, err := s.parent.OpenFile(path.Join(s.fresh(), f.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(f.Content)
	if err == nil {
		err = s.before("sync " + f.Path)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (s swapper) sync(dir string) error {
	d, err := s.parent.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// exchange puts the new tree in the old one's place.
func (s swapper) exchange() error {
	if err := s.before("exchange"); err != nil {
		return err
	}
	_, err := s.parent.Lstat(s.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = s.parent.Rename(s.fresh(), s.base)
	case err == nil:
		if err = exchange(s.parent, s.fresh(), s.base); errors.Is(err, errors.ErrUnsupported) {
			err = s.exchangeInTwo()
		}
	}
	if err != nil {
		return err
	}
	return s.sync(".")
}

// exchangeInTwo is for systems that cannot exchange two folders in one step.
func (s swapper) exchangeInTwo() error {
	if err := s.parent.Rename(s.base, s.aside()); err != nil {
		return err
	}
	if err := s.before("second rename"); err != nil {
		return errors.Join(err, s.parent.Rename(s.aside(), s.base))
	}
	if err := s.parent.Rename(s.fresh(), s.base); err != nil {
		return errors.Join(err, s.parent.Rename(s.aside(), s.base))
	}
	return nil
}

// discard removes a tree that has no use any more: secgen's files, and links to
// files of somebody else that the output folder holds too. What somebody else put
// there meanwhile is kept, and named.
func (s swapper) discard(name string) error {
	left, err := readTree(s.parent, name, s.Marker)
	if err != nil {
		return err
	}
	var kept []string
	paths := make([]string, 0, len(left))
	for p := range left {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(b, a) }) // what a folder holds before the folder
	for _, p := range paths {
		if e := left[p]; !e.own && !e.mode.IsDir() && !s.linked(path.Join(name, p), path.Join(s.base, p)) && !s.begun(path.Join(name, p)) {
			kept = append(kept, path.Join(name, p))
			continue
		}
		if err := s.before("remove " + p); err != nil {
			return err
		}
		if err := s.parent.Remove(path.Join(name, p)); err != nil && len(kept) == 0 {
			return err
		}
	}
	if len(kept) > 0 {
		return fmt.Errorf("%s was put there by somebody else; move it away", kept[0])
	}
	if err := s.parent.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// begun tells whether a file is one that a killed run, or a full disk, left before
// its marker was written: it is empty, or holds a part of the marker and no more.
func (s swapper) begun(name string) bool {
	info, err := s.parent.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() >= int64(len(s.Marker)) {
		return false
	}
	head, err := s.parent.ReadFile(name)
	return err == nil && strings.HasPrefix(s.Marker, string(head))
}

// linked tells whether two names stand for the same file.
func (s swapper) linked(a, b string) bool {
	x, err1 := s.parent.Lstat(a)
	y, err2 := s.parent.Lstat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}
