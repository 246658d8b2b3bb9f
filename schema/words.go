package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Show writes a value for a message: a scalar as it is, strings in quotes and
// cut where they are long, lists and maps by their size. A missing value is
// "unset".
func Show(n *manifest.Node) string {
	if n == nil {
		return "unset"
	}
	switch n.Kind {
	case manifest.Null:
		return "null"
	case manifest.String:
		return quote(n.Text)
	case manifest.List:
		return "a list of " + count(int64(len(n.Items)), "item")
	case manifest.Map:
		return "a map of " + count(int64(len(n.Fields)), "field")
	}
	return n.Text
}

// quote writes a string in quotes, with escapes, cut after eighty characters.
func quote(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return strconv.Quote(text)
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// negate turns the words for what is accepted into those for all the rest.
func negate(want string) string {
	switch {
	case want == "unset":
		return "to be set"
	case want == "to be set":
		return "unset"
	case strings.HasPrefix(want, "not "):
		return strings.TrimPrefix(want, "not ")
	case strings.HasPrefix(want, "other than "):
		return strings.TrimPrefix(want, "other than ")
	}
	return "not " + want
}

// namesValue tells whether words name values, so that "or unset" can follow them.
func namesValue(want string) bool {
	for _, start := range []string{"unset", "to ", "not ", "at ", "less ", "more ", "other ", "neither ", "a list", "a map", "nothing"} {
		if strings.HasPrefix(want, start) {
			return false
		}
	}
	return true
}

// either joins the words of alternatives: `one of "a", "b"` where all are
// values.
func either(checks []check) string {
	var values, phrases []string
	for _, c := range checks {
		if e, ok := c.(scalar[equalLeaf]); ok {
			values = appendNew(values, e.want())
		} else {
			phrases = appendNew(phrases, c.want())
		}
	}
	switch {
	case len(values) == 1:
		phrases = append(values, phrases...)
	case len(values) > 1:
		phrases = append([]string{"one of " + strings.Join(values, ", ")}, phrases...)
	}
	if len(phrases) == 0 {
		return "nothing: the list of what is allowed is empty"
	}
	return strings.Join(phrases, " or ")
}

func both(checks []check) string {
	var phrases []string
	for _, c := range checks {
		if _, ok := c.(anyCheck); !ok {
			phrases = appendNew(phrases, c.want())
		}
	}
	if len(phrases) == 0 {
		return "to be set"
	}
	return strings.Join(phrases, " and ")
}

func appendNew(list []string, item string) []string {
	for _, old := range list {
		if old == item {
			return list
		}
	}
	return append(list, item)
}
