package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/report"
)

// writeFile writes a report to the file that the user named.
func (a *app) writeFile(t report.Target, result *lint.Report, sources report.Sources) error {
	write := func(f *os.File) error { return report.Write(f, t.Format, result, report.Options{Sources: sources}) }
	file, special, err := destination(t.File)
	switch {
	case err != nil:
	case special:
		err = fill(file, write)
	default:
		err = replace(file, write)
	}
	if err != nil {
		return fmt.Errorf("write the report %s: %w", t.File, err)
	}
	return nil
}

// destination follows symlinks to the file that they name. special says that
// there is something that no file may take the place of: a device, a pipe.
func destination(name string) (file string, special bool, err error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return name, false, nil
	case err != nil:
		return "", false, err
	case info.IsDir():
		return "", false, errors.New("it is a folder; name a file in it")
	case !info.Mode().IsRegular():
		return name, true, nil
	}
	file, err = filepath.EvalSymlinks(name)
	return file, false, err
}

func fill(file string, write func(*os.File) error) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replace writes beside the file's place first, so that no half report is ever
// there.
func replace(file string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".secgen-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
