package report

import "github.com/secgen/secgen/schema"

// palette paints text with the sixteen colours that every terminal has and lets
// its user choose.
type palette struct{ on bool }

func (p palette) sgr(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) bold(text string) string  { return p.sgr("1", text) }
func (p palette) dim(text string) string   { return p.sgr("2", text) }
func (p palette) frame(text string) string { return p.sgr("34", text) }
func (p palette) good(text string) string  { return p.sgr("32", text) }
func (p palette) bad(text string) string   { return p.sgr("1;31", text) }

func (p palette) severity(s schema.Severity) func(string) string {
	code := map[schema.Severity]string{schema.Critical: "1;31", schema.High: "31", schema.Medium: "33", schema.Low: "36"}[s]
	if code == "" {
		code = "1"
	}
	return func(text string) string { return p.sgr(code, text) }
}
