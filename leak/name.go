package leak

import (
	"strings"
	"unicode"
)

// promise is what a name says of its value.
type promise uint8

const (
	nothing promise = iota
	password
	token
)

// promising tells in a few nanoseconds that a name may promise something.
func promising(name string) bool {
	for _, end := range endings {
		if len(name) >= len(end) && strings.EqualFold(name[len(name)-len(end):], end) {
			return true
		}
	}
	return false
}

var endings = []string{"password", "passwd", "passphrase", "pwd", "pass", "token", "secret", "key"}

func (p promise) noun() string {
	if p == password {
		return "a password"
	}
	return "a key or token"
}

// promises reads a name such as DB_PASSWORD, spring.datasource.password or
// clientSecret. What counts is how it ends: passwordFile and TOKEN_URL name
// something else.
func promises(name string) promise {
	if len(name) < 3 || len(name) > 100 || !promising(name) {
		return nothing
	}
	words := split(name)
	if len(words) == 0 {
		return nothing
	}
	last := words[len(words)-1]
	before := ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	switch last {
	case "password", "passwd", "passphrase", "pwd":
		return password
	case "pass":
		if before != "" {
			return password
		}
		return nothing
	case "token", "secret", "apikey", "secretkey", "accesskey", "privatekey", "authkey":
		return token
	case "key":
		switch before {
		case "api", "access", "secret", "private", "signing", "encryption", "auth", "license", "master", "shared", "account":
			return token
		}
		return nothing
	}
	if len(words) == 1 && (strings.HasSuffix(last, "password") || strings.HasSuffix(last, "passwd")) {
		return password // PGPASSWORD
	}
	return nothing
}

// split returns the words of a name in lower case.
func split(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	var last rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(last):
			flush()
			word = append(word, r)
		default:
			word = append(word, r)
		}
		last = r
	}
	flush()
	return words
}

// isName tells whether a text can be the name of a variable or a flag.
func isName(text string) bool {
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.' {
			return false
		}
	}
	return text != ""
}

// setting reads a line of a configuration file: name: value, name = "value",
// "name": "value",. Comments and lines of programs are none.
func setting(line string) (name, value string, ok bool) {
	line = strings.TrimSpace(line)
	if comment(line) || len(line) > 400 {
		return "", "", false
	}
	i := strings.IndexAny(line, ":=")
	if i <= 0 {
		return "", "", false
	}
	name = strings.Trim(strings.TrimSpace(line[:i]), `"'`)
	name = strings.TrimPrefix(name, "export ")
	value = strings.TrimRight(strings.TrimSpace(line[i+1:]), ",;")
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return name, value, isName(name) && value != ""
}

func comment(line string) bool {
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, ";") ||
		strings.HasPrefix(line, "--") || strings.HasPrefix(line, "*") || strings.HasPrefix(line, "/*")
}
