// Package report writes a lint.Report for people and for machines, one file a
// format.
//
// It promises that a report is the same bytes for the same input; that no value
// of a finding about a credential is shown; and that no control character,
// escape sequence or text direction override, and no command to the log reader
// of a CI system, gets from the repository's names and lines into the output.
// It knows nothing of how findings come about, and neither sorts nor filters
// them: what the Report holds is what is written.
package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/secgen/secgen/lint"
)

// Sources gives the lines of the repository's files.
type Sources interface {
	// Line returns line n (1-based) of a file named as positions name it, without
	// its line end, and false where there is no such line.
	Line(file string, n int) (string, bool)
}

// Options say how a report is written. The zero Options are valid.
type Options struct {
	// Colour lets the text format use colours. Whether the output is a terminal
	// and NO_COLOR is unset is the caller's to know.
	Colour bool
	// Width is how many columns a source line may take; 0 means 100.
	Width int
	// Sources serve the lines that the text format shows. They also let every
	// format find a credential's value and take it out of messages. Without them
	// no source line is shown.
	Sources Sources
}

// writer writes a report that redact has been over.
type writer func(w io.Writer, r *lint.Report, o Options) error

func writers() map[string]writer {
	return map[string]writer{
		"text":   writeText,
		"json":   writeJSON,
		"sarif":  writeSARIF,
		"github": writeGitHub,
	}
}

// Formats lists the names of the formats, the default one first.
func Formats() []string { return []string{"text", "json", "sarif", "github"} }

// Write writes r in one of the Formats. It does not change r. The error is that
// of an unknown format or of w.
func Write(w io.Writer, format string, r *lint.Report, o Options) error {
	write, ok := writers()[format]
	if !ok {
		return unknownFormat(format)
	}
	out := bufio.NewWriter(w)
	if err := write(out, redact(r, o.Sources), o); err != nil {
		return fmt.Errorf("write the %s report: %w", format, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the %s report: %w", format, err)
	}
	return nil
}

// Target is one output of a run.
type Target struct {
	Format string
	// File is where the report goes; "" is the standard output.
	File string
}

// ParseTargets reads the value of --format: formats separated by commas, each
// alone or with a file, such as "sarif=out.sarif,text". A file "-" is the
// standard output, to which one format at most may go. File names cannot hold
// a comma.
func ParseTargets(value string) ([]Target, error) {
	var targets []Target
	for part := range strings.SplitSeq(value, ",") {
		format, file, hasFile := strings.Cut(strings.TrimSpace(part), "=")
		if !slices.Contains(Formats(), format) {
			return nil, unknownFormat(format)
		}
		if hasFile && file == "" {
			return nil, fmt.Errorf("format %q: no file after the =; want %s=FILE, or %s alone for the standard output", part, format, format)
		}
		if file == "-" {
			file = ""
		}
		for _, other := range targets {
			switch {
			case other.File != file:
			case file == "":
				return nil, fmt.Errorf("formats %s and %s both go to the standard output; give one of them a file: %s=FILE", other.Format, format, format)
			default:
				return nil, fmt.Errorf("formats %s and %s both go to the file %q; give each its own", other.Format, format, file)
			}
		}
		targets = append(targets, Target{Format: format, File: file})
	}
	return targets, nil
}

func unknownFormat(format string) error {
	return fmt.Errorf("unknown format %q; want %s", format, strings.Join(Formats(), ", "))
}
