package source

import (
	"fmt"

	"github.com/secgen/secgen/manifest"
)

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
