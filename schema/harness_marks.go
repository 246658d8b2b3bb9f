package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// wantComment is the mark of an offending line:
//
//	privileged: true # want privileged-container "regexp of the message"
var (
	wantComment      = regexp.MustCompile(`[ \t]*# want[ \t](.*)$`)
	parameterComment = regexp.MustCompile(`(?m)^# parameters[ \t]+(\{.*\})[ \t]*\r?$`)
	policyComment    = regexp.MustCompile(`(?m)^# policy[ \t]+(\{.*\})[ \t]*\r?$`)
)

// want is one mark of a fixture.
type want struct {
	rule    string
	file    string
	line    int
	message *regexp.Regexp
}

// wantsIn reads the marks of a file: # want rule ["regexp"] [rule ["regexp"]]...
func wantsIn(file string, text []byte) ([]want, error) {
	var out []want
	for i, line := range strings.Split(string(text), "\n") {
		m := wantComment.FindStringSubmatch(strings.TrimSuffix(line, "\r"))
		if m == nil {
			continue
		}
		for rest := strings.TrimSpace(m[1]); rest != ""; rest = strings.TrimSpace(rest) {
			if rest[0] != '"' && rest[0] != '`' {
				name, tail, _ := strings.Cut(rest, " ")
				out = append(out, want{rule: name, file: file, line: i + 1})
				rest = tail
				continue
			}
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil || len(out) == 0 || out[len(out)-1].line != i+1 {
				return out, fmt.Errorf("line %d: %s is no rule and no quoted regular expression after one", i+1, rest)
			}
			pattern, err := strconv.Unquote(quoted)
			if err == nil {
				out[len(out)-1].message, err = regexp.Compile(pattern)
			}
			if err != nil {
				return out, fmt.Errorf("line %d: %w", i+1, err)
			}
			rest = rest[len(quoted):]
		}
	}
	return out, nil
}

// parametersIn reads a line of the form # parameters {name: value}.
func parametersIn(text []byte) (Parameters, error) {
	node, err := settingIn(text, parameterComment)
	if err != nil || node == nil {
		return nil, err
	}
	out := Parameters{}
	for _, f := range node.Fields {
		out[f.Key] = f.Value
	}
	return out, nil
}

// settingIn reads the map behind a comment's word; nil where there is none.
func settingIn(text []byte, comment *regexp.Regexp) (*manifest.Node, error) {
	m := comment.FindSubmatch(text)
	if m == nil {
		return nil, nil
	}
	word, _, _ := strings.Cut(string(m[0]), "{")
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(m[1])).Decode(&doc); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(word), err)
	}
	node, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(word), err)
	}
	return node, nil
}

// PolicyIn reads a line of the form # policy {cluster: {...}} from the files of a
// fixture: what secgen.cue is to say as its policy. It is nil where none says so.
func PolicyIn(files map[string][]byte) (*Policy, error) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		node, err := settingIn(files[name], policyComment)
		if err != nil || node == nil {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		text, err := json.Marshal(node.Value())
		if err != nil {
			return nil, fmt.Errorf("%s: # policy: %w", name, err)
		}
		policy := &Policy{}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(policy); err != nil {
			return nil, fmt.Errorf("%s: # policy: %w", name, err)
		}
		return policy, nil
	}
	return nil, nil
}

// withoutWants drops the marks and parameters from a fixture, so that it can be
// shown.
func withoutWants(text string) string {
	text = strings.TrimLeft(parameterComment.ReplaceAllString(text, ""), "\n")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = wantComment.ReplaceAllString(line, "")
	}
	return strings.Join(lines, "\n")
}
