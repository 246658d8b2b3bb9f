package manifest

import (
	"cmp"
	"fmt"
)

// Position is a range in a source file as committed. Lines and columns are
// 1-based, columns count code points; the end is exclusive. The zero Position
// means "unknown". A Position without EndLine covers one point.
type Position struct {
	// File is relative to the repository and uses "/".
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	// Approximate says that the value was set at an unknown place and that the
	// position names the resource's first line in its origin file instead.
	Approximate bool `json:"approximate"`
}

// Related is a second position that helps to understand a first one.
type Related struct {
	Position Position `json:"position"`
	Message  string   `json:"message"`
}

// IsZero tells whether the position is unknown.
func (p Position) IsZero() bool { return p.File == "" && p.Line == 0 }

// String is file:line:column, as editors and terminals link it.
func (p Position) String() string {
	switch {
	case p.IsZero():
		return "-"
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Through returns the range from the start of p to the end of q where both
// stand in order in one file, and p otherwise.
func (p Position) Through(q Position) Position {
	if p.File != q.File || q.EndLine == 0 || q.EndLine < p.Line || q.Approximate != p.Approximate {
		return p
	}
	p.EndLine, p.EndColumn = q.EndLine, q.EndColumn
	return p
}
