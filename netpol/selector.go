package netpol

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/selector/parser"
)

// matcher says whether labels satisfy a selector. A nil matcher is satisfied by
// all.
type matcher func(*labels) tri

func (m matcher) match(l *labels) tri {
	if m == nil {
		return yes
	}
	return m(l)
}

// allOf is satisfied where all of the matchers are.
func allOf(list ...matcher) matcher {
	list = slices.DeleteFunc(list, func(m matcher) bool { return m == nil })
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return func(l *labels) tri {
		result := yes
		for _, m := range list {
			if result = and(result, m(l)); result == no {
				break
			}
		}
		return result
	}
}

// SelectorError says why Calico does not parse a selector, and at which 1-based
// column, in code points.
type SelectorError struct {
	Selector string
	Column   int
	Reason   string
}

func (e *SelectorError) Error() string {
	return fmt.Sprintf("column %d: %s", e.Column, e.Reason)
}

// selectorNode is the part of Calico's parsed selectors that is the same for all.
type selectorNode = any

// calicoSelector is a parsed selector.
type calicoSelector struct {
	root selectorNode
	text string
}

// parseSelector parses with Calico's own parser. The error is a *SelectorError.
func parseSelector(text string) (*calicoSelector, error) {
	// The parser recurses, and says no columns: locate bounds the depth and finds
	// the place of an error.
	at, reason := locateError(text)
	if reason == tooDeep {
		return nil, &SelectorError{Selector: text, Column: column(text, at), Reason: reason}
	}
	parsed, err := parser.Parse(text)
	if err != nil {
		return nil, &SelectorError{Selector: text, Column: column(text, at), Reason: err.Error()}
	}
	var first firstNode
	parsed.AcceptVisitor(&first)
	if first.node == nil {
		return nil, errors.New("the parsed selector has no root")
	}
	return &calicoSelector{root: first.node, text: parsed.String()}, nil
}

func column(text string, at int) int { return len([]rune(text[:min(at, len(text))])) + 1 }

// firstNode is a visitor that keeps the first node it sees: Calico does not give
// out the root in another way.
type firstNode struct{ node selectorNode }

func (f *firstNode) Visit(n any) {
	if f.node == nil {
		f.node = n
	}
}

// usesGlobal tells whether global() stands in the selector, and whether it is
// all of it.
func (s *calicoSelector) usesGlobal() (uses, alone bool) {
	_, alone = s.root.(*parser.GlobalNode)
	return strings.Contains(s.text, "global()"), alone
}

// matcher makes the selector ready to be asked. Label names get the prefix;
// all() and global(), where they stand for something else than every endpoint,
// are given.
func (s *calicoSelector) matcher(prefix string, all, global matcher) matcher {
	return compileSelector(s.root, prefix, all, global)
}

func compileSelector(n selectorNode, prefix string, all, global matcher) matcher {
	test := func(key string, missing tri, pass func(string) bool) matcher {
		key = prefix + key
		return func(l *labels) tri {
			v := l.get(key)
			switch v.present {
			case no:
				return missing
			case yes:
				return v.test(pass)
			}
			if got := v.test(pass); got == missing {
				return got
			}
			return maybe
		}
	}
	switch n := n.(type) {
	case *parser.AllNode:
		return orYes(all)
	case *parser.GlobalNode:
		return orYes(global)
	case *parser.LabelEqValueNode:
		return test(n.LabelName, no, func(s string) bool { return s == n.Value })
	case *parser.LabelNeValueNode:
		return test(n.LabelName, yes, func(s string) bool { return s != n.Value })
	case *parser.LabelContainsValueNode:
		return test(n.LabelName, no, func(s string) bool { return strings.Contains(s, n.Value) })
	case *parser.LabelStartsWithValueNode:
		return test(n.LabelName, no, func(s string) bool { return strings.HasPrefix(s, n.Value) })
	case *parser.LabelEndsWithValueNode:
		return test(n.LabelName, no, func(s string) bool { return strings.HasSuffix(s, n.Value) })
	case *parser.LabelInSetNode:
		return test(n.LabelName, no, func(s string) bool { return n.Value.Contains(s) })
	case *parser.LabelNotInSetNode:
		return test(n.LabelName, yes, func(s string) bool { return !n.Value.Contains(s) })
	case *parser.HasNode:
		key := prefix + n.LabelName
		return func(l *labels) tri { return l.get(key).present }
	case *parser.NotNode:
		operand := compileSelector(n.Operand, prefix, all, global)
		return func(l *labels) tri { return operand(l).not() }
	case *parser.AndNode:
		var parts []matcher
		for _, op := range n.Operands {
			parts = append(parts, compileSelector(op, prefix, all, global))
		}
		return allOf(parts...)
	case *parser.OrNode:
		var parts []matcher
		for _, op := range n.Operands {
			parts = append(parts, compileSelector(op, prefix, all, global))
		}
		return func(l *labels) tri {
			result := no
			for _, m := range parts {
				result = or(result, m(l))
			}
			return result
		}
	}
	// A node that a newer parser may bring: its meaning is not known.
	return func(*labels) tri { return maybe }
}

func orYes(m matcher) matcher {
	if m == nil {
		return func(*labels) tri { return yes }
	}
	return m
}
