package netpol

import (
	"regexp"
	"strings"
)

// maxSelectorDepth bounds the recursion of Calico's parser. Selectors that people
// write nest a handful deep.
const maxSelectorDepth = 100

const tooDeep = "nested deeper than 100 parentheses"

// The word tokens of Calico's selector language (libcalico-go/lib/selector/tokenizer).
var (
	selectorCall  = regexp.MustCompile(`^(has\(\s*[a-zA-Z0-9_./-]{1,512}\s*\)|all\(\s*\)|global\(\s*\))`)
	selectorLabel = regexp.MustCompile(`^[a-zA-Z0-9_./-]{1,512}`)
	selectorWord  = regexp.MustCompile(`^(contains|starts\s*with|ends\s*with|not\s*in\b|in\b)`)
)

// locateError finds the byte at which a selector stops making sense. Calico's
// parser decides whether it does; this walk only finds the place, and refuses
// nesting that would exhaust the parser's stack.
func locateError(text string) (at int, reason string) {
	l := &locator{text: text}
	l.skip()
	if l.at == len(text) {
		return 0, ""
	}
	if !l.or(0) {
		return l.at, l.reason
	}
	if l.at < len(text) {
		return l.at, "unexpected text"
	}
	return l.at, ""
}

type locator struct {
	text   string
	at     int
	reason string
}

func (l *locator) rest() string { return l.text[l.at:] }

func (l *locator) skip() {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\t') {
		l.at++
	}
}

// take moves past a token and the blanks after it.
func (l *locator) take(n int) bool {
	l.at += n
	l.skip()
	return true
}

func (l *locator) fail(reason string) bool {
	if l.reason == "" {
		l.reason = reason
	}
	return false
}

func (l *locator) literal(s string) bool {
	return strings.HasPrefix(l.rest(), s) && l.take(len(s))
}

func (l *locator) or(depth int) bool {
	for {
		if !l.and(depth) {
			return false
		}
		if !l.literal("||") {
			return true
		}
	}
}

func (l *locator) and(depth int) bool {
	for {
		if !l.operation(depth) {
			return false
		}
		if !l.literal("&&") {
			return true
		}
	}
}

func (l *locator) operation(depth int) bool {
	if depth > maxSelectorDepth {
		return l.fail(tooDeep)
	}
	for strings.HasPrefix(l.rest(), "!") && !strings.HasPrefix(l.rest(), "!=") {
		l.take(1)
	}
	if l.literal("(") {
		return l.or(depth+1) && (l.literal(")") || l.fail("expected )"))
	}
	if call := selectorCall.FindString(l.rest()); call != "" {
		return l.take(len(call))
	}
	label := selectorLabel.FindString(l.rest())
	if label == "" {
		return l.fail("expected a label or a function")
	}
	l.take(len(label))
	return l.comparison()
}

func (l *locator) comparison() bool {
	if l.literal("==") || l.literal("!=") {
		return l.quoted()
	}
	word := selectorWord.FindString(l.rest())
	if word == "" {
		return l.fail("expected an operator")
	}
	start := l.at
	l.take(len(word))
	if !strings.HasSuffix(word, "in") || strings.HasPrefix(word, "contains") {
		return l.quoted()
	}
	if !l.literal("{") {
		l.at = start
		return l.fail("expected a set")
	}
	for strings.HasPrefix(l.rest(), `"`) || strings.HasPrefix(l.rest(), `'`) {
		if !l.quoted() {
			return false
		}
		if !l.literal(",") {
			break
		}
	}
	return l.literal("}") || l.fail("expected }")
}

func (l *locator) quoted() bool {
	rest := l.rest()
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return l.fail("expected a string")
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return l.fail("unterminated string")
	}
	return l.take(end + 2)
}
