package leak

import (
	"math"
	"strings"
)

// keeps tells whether a value is what its name promises. Of a variable a word is
// enough for a password; elsewhere the value has to look random, since fields of
// custom resources often hold the name of a secret.
func keeps(p promise, value string, named bool) bool {
	switch {
	case p == nothing:
		return false
	case p == password && named:
		return literal(value) && len(value) <= 128
	}
	return random(value) && len(value) >= 12
}

// literal tells whether a value stands for itself: no variable, reference, path,
// placeholder or setting.
func literal(value string) bool {
	if len(value) < 4 || strings.ContainsAny(value, " \t\n<>{}`|") || strings.Contains(value, "$(") || strings.Contains(value, "://") {
		return false
	}
	switch value[0] {
	case '$', '%', '@', '/', '.', '~', '[', '(', '-', '*', ':', '#', '&':
		return false
	}
	lower := strings.ToLower(value)
	for _, prefix := range references {
		if strings.HasPrefix(lower, prefix) {
			return false
		}
	}
	for _, word := range placeholders {
		if strings.Contains(lower, word) {
			return false
		}
	}
	for _, word := range settings {
		if lower == word {
			return false
		}
	}
	return strings.Trim(lower, lower[:1]) != ""
}

var references = []string{"vault:", "arn:", "ref+", "file:", "env:", "op:", "ssm:", "sm:", "gcp:", "aws:", "secret:", "secrets/", "projects/", "system:", "azurekeyvault"}

// placeholders mark what somebody is meant to fill in, and what examples hold.
var placeholders = []string{"changeme", "change-me", "change_me", "changeit", "change-it", "changethis", "change-this", "replace", "your", "example",
	"placeholder", "dummy", "sample", "todo", "fixme", "xxx", "insert", "redacted", "***", "...", "fake", "notused", "not-used", "unused",
	"override", "generated", "filled", "provided", "injected"}

// settings are words that a setting of that name may have, and no password.
var settings = []string{"true", "false", "none", "null", "nil", "undefined", "optional", "required", "disabled", "enabled", "empty", "default",
	"basic", "bearer", "jwt", "oauth", "oauth2", "oidc", "ldap", "file", "string", "text", "hidden", "auto", "prompt", "secret", "token"}

// random tells whether a literal looks like made by a machine or a careful person:
// letters and digits mixed, and not words joined by hyphens or dots.
func random(value string) bool {
	if len(value) < 8 || len(value) > 512 || !literal(value) || strings.ContainsAny(value, "()[]\"'\\") {
		return false
	}
	return mixed(value) && entropy(value) >= 2.8 && !identifier(value)
}

func mixed(value string) bool {
	letters, digits := 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters++
		case '0' <= c && c <= '9':
			digits++
		}
	}
	return letters >= 2 && digits >= 1
}

// identifier tells whether a value is made of words and short numbers, such as
// db-credentials-v2, my_app.token.1 or sha256.
func identifier(value string) bool {
	switches, run, longest := 0, 0, 0
	var last byte
	for i := range len(value) {
		c := class(value[i])
		if c != last && last != 0 && c != '-' && last != '-' && !(last == 'A' && c == 'a') {
			switches++
		}
		if c == '-' {
			run = 0
		} else if run++; run > longest {
			longest = run
		}
		last = c
	}
	// A word with a number behind it switches once.
	parts := 1 + strings.Count(value, "-") + strings.Count(value, "_") + strings.Count(value, ".") + strings.Count(value, "/")
	return switches <= parts || longest < 6 && switches <= 2*parts
}

func class(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return 'a'
	case 'A' <= c && c <= 'Z':
		return 'A'
	case '0' <= c && c <= '9':
		return '0'
	case c == '-' || c == '_' || c == '.' || c == '/':
		return '-'
	}
	return '+'
}

// entropy is Shannon's, in bits a byte.
func entropy(value string) float64 {
	var counts [256]int
	for i := range len(value) {
		counts[value[i]]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(value))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}
