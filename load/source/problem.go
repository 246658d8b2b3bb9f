package source

import (
	"errors"
	"fmt"

	"github.com/secgen/secgen/manifest"
)

// ErrOutside is behind every problem of a path that leaves the repository.
var ErrOutside = errors.New("outside the repository")

// Problem is what is wrong with an input file, in words for the user. It is an
// error, and plain data that can cross a process boundary.
type Problem struct {
	Position manifest.Position
	Reason   string
	// cause lets callers ask for fs.ErrNotExist; it does not cross processes.
	cause error
}

func (p *Problem) Error() string { return p.Position.String() + ": " + p.Reason }

// Unwrap returns the error of the file system behind the problem, if any.
func (p *Problem) Unwrap() error { return p.cause }

func problemAt(file string, line, column int, format string, args ...any) *Problem {
	return &Problem{
		Position: manifest.Position{File: file, Line: line, Column: column},
		Reason:   fmt.Sprintf(format, args...),
	}
}

// outside is the problem of a path that leaves the repository.
func outside(name, format string, args ...any) *Problem {
	p := problemAt(name, 0, 0, format, args...)
	p.cause = ErrOutside
	return p
}
