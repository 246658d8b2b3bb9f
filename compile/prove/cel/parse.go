package cel

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var tokenPattern = regexp.MustCompile(`^(?:'[^'\\\n]*'|"[^"\\\n]*"|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|&&|\|\||==|!=|[-!?:()\[\]{},.+])`)

// scan cuts an expression into tokens; a string keeps its opening quote as a mark.
func scan(text string) ([]string, error) {
	var out []string
	for text = strings.TrimLeft(text, " \t\r\n"); text != ""; text = strings.TrimLeft(text, " \t\r\n") {
		token := tokenPattern.FindString(text)
		if token == "" {
			return nil, fmt.Errorf("%.20q is not understood", text)
		}
		text = text[len(token):]
		if token[0] == '"' {
			token = "'" + token[1:]
		}
		out = append(out, token)
	}
	return out, nil
}

// deepest is how far an expression may nest.
const deepest = 100

type parser struct {
	tokens []string
	depth  int
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) accept(token string) bool {
	if p.peek() != token {
		return false
	}
	p.next()
	return true
}

func (p *parser) want(token string) error {
	if !p.accept(token) {
		return fmt.Errorf("%q where %q is wanted", p.peek(), token)
	}
	return nil
}

func (p *parser) ternary() (expr, error) {
	if p.depth++; p.depth > deepest {
		return nil, fmt.Errorf("the expression nests too deep")
	}
	defer func() { p.depth-- }()
	when, err := p.binary(0)
	if err != nil || !p.accept("?") {
		return when, err
	}
	yes, err := p.ternary()
	if err != nil {
		return nil, err
	}
	if err := p.want(":"); err != nil {
		return nil, err
	}
	no, err := p.ternary()
	return ternary{when, yes, no}, err
}

// operators bind the tighter the later they stand.
var operators = [][]string{{"||"}, {"&&"}, {"==", "!=", "in"}, {"+"}}

func (p *parser) binary(level int) (expr, error) {
	if level == len(operators) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := ""
		for _, o := range operators[level] {
			if p.accept(o) {
				op = o
			}
		}
		if op == "" {
			return left, nil
		}
		var right expr
		right, err = p.binary(level + 1)
		left = binary{op, left, right}
	}
	return nil, err
}

func (p *parser) unary() (expr, error) {
	if p.accept("!") {
		of, err := p.unary()
		return unary{of}, err
	}
	e, err := p.primary()
	for err == nil {
		switch {
		case p.accept("."):
			name := p.next()
			if name == "exists" && p.accept("(") {
				e, err = p.exists(e)
			} else if isName(name) && p.peek() != "(" {
				e = get{of: e, key: literal{name}}
			} else {
				err = fmt.Errorf("function %q is not known", name)
			}
		case p.accept("["):
			var key expr
			if key, err = p.ternary(); err == nil {
				err = p.want("]")
			}
			e = get{of: e, key: key}
		case p.peek() == "{" && isType(e):
			p.next()
			e, err = p.message()
		default:
			return e, nil
		}
	}
	return nil, err
}

// isType tells whether an expression names a type, as JSONPatch and
// Object.spec.taints do.
func isType(e expr) bool {
	for {
		switch x := e.(type) {
		case get:
			e = x.of
		case variable:
			return x == "Object" || x == "JSONPatch"
		default:
			return false
		}
	}
}

func isName(token string) bool {
	return token != "" && (token[0] == '_' || token[0] >= 'A' && token[0] <= 'Z' || token[0] >= 'a' && token[0] <= 'z')
}

func (p *parser) primary() (expr, error) {
	token := p.next()
	switch {
	case token == "(":
		e, err := p.ternary()
		if err == nil {
			err = p.want(")")
		}
		return e, err
	case token == "[":
		return p.list()
	case token == "has" && p.accept("("):
		e, err := p.unary()
		if err == nil {
			err = p.want(")")
		}
		field, ok := e.(get)
		if err == nil && !ok {
			err = fmt.Errorf("has() wants a field")
		}
		field.test = true
		return field, err
	case token == "true", token == "false":
		return literal{token == "true"}, nil
	case token == "null":
		return literal{nil}, nil
	case strings.HasPrefix(token, "'"):
		return literal{token[1 : len(token)-1]}, nil
	case token != "" && token[0] >= '0' && token[0] <= '9':
		n, err := strconv.ParseInt(token, 10, 64)
		return literal{n}, err
	case isName(token) && p.peek() != "(":
		return variable(token), nil
	}
	return nil, fmt.Errorf("%q is not understood", token)
}

func (p *parser) list() (expr, error) {
	out := list{}
	for !p.accept("]") {
		if len(out) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		e, err := p.ternary()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (p *parser) message() (expr, error) {
	var out message
	for !p.accept("}") {
		if len(out.keys) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		key := p.next()
		if !isName(key) {
			return nil, fmt.Errorf("%q where a field is wanted", key)
		}
		if err := p.want(":"); err != nil {
			return nil, err
		}
		value, err := p.ternary()
		if err != nil {
			return nil, err
		}
		out.keys, out.values = append(out.keys, key), append(out.values, value)
	}
	return out, nil
}

func (p *parser) exists(of expr) (expr, error) {
	name := p.next()
	if !isName(name) {
		return nil, fmt.Errorf("%q where a variable is wanted", name)
	}
	if err := p.want(","); err != nil {
		return nil, err
	}
	test, err := p.ternary()
	if err != nil {
		return nil, err
	}
	return exists{of, name, test}, p.want(")")
}
