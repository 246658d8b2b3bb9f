package schema

import (
	"errors"

	"github.com/secgen/secgen/manifest"
)

// accepts bounds the kinds of values that a predicate may accept.
func accepts(p *Predicate) kinds {
	switch p.Op {
	case OpNever:
		return 0
	case OpType:
		k, err := kindsOf(p.Types)
		if err != nil {
			return kindAll
		}
		return k
	case OpEqual:
		if p.Arg.Const == nil {
			return kindNull | kindBool | kindNumber | kindString
		}
		return kindOf(p.Arg.Const.node())
	case OpNot:
		if c := p.Arg.Const; c != nil && c.Kind == manifest.Null {
			return kindAll &^ kindNull
		}
		return kindNumber | kindString
	case OpLess, OpAtMost, OpAbove, OpLeast:
		return kindNumber | kindString
	case OpMatch, OpNoMat, OpText:
		return kindString
	case OpSize:
		f, ok := sizeFunctionOf(p.Func)
		if !ok {
			return kindAll
		}
		return 1 << f.kind
	case OpUnique, OpHas, OpList, OpItemsN:
		return kindList
	case OpStruct:
		return kindMap
	case OpAll:
		set := kindAll
		for _, arg := range p.Args {
			if arg.Op != OpEach {
				set &= accepts(arg)
			}
		}
		return set
	case OpEach:
		return accepts(p.Args[0])
	case OpOr:
		return union(p.Args)
	case OpN:
		if zero, err := (&binder{}).check(p.Count); err == nil && zero.eval(number(0)) == no {
			return union(p.Args)
		}
	}
	return kindAll
}

func union(args []*Predicate) kinds {
	var set kinds
	for _, arg := range args {
		set |= accepts(arg)
	}
	return set
}

// errImplied says what checkImplied refuses.
var errImplied = errors.New("a field that the schema adds where it is missing (x: {...}) is seen by another part of it" +
	" in a way that only CUE can tell; write x?: {...} or x!: {...}")

// checkImplied refuses schemas in which a field that is added where it is missing
// would have to be seen by a demand that does not see it in a compiled rule. seen
// says that some demand looks at the value as a whole; hidden that the value
// stands in a list or pattern, into which added fields are not followed.
func checkImplied(p *Predicate, seen, hidden bool) error {
	switch p.Op {
	case OpN, OpIf, OpItemsN:
		// These judge the value on their own.
		for _, arg := range p.Args {
			if err := checkImplied(arg, false, false); err != nil {
				return err
			}
		}
		return nil
	case OpOr:
		for _, arg := range p.Args {
			if err := checkImplied(arg, seen, seen); err != nil {
				return err
			}
		}
		return nil
	case OpList:
		for _, item := range append(p.Items[:len(p.Items):len(p.Items)], p.Rest) {
			if item == nil {
				continue
			}
			if err := checkImplied(item, seen, seen); err != nil {
				return err
			}
		}
		return nil
	case OpStruct, OpAll, OpWhen, OpEach:
		return checkImpliedFields(p, seen, hidden)
	}
	return nil
}

func checkImpliedFields(p *Predicate, seen, hidden bool) error {
	structs, others := members(p)
	looks := seen || len(others) > 0
	for _, s := range structs {
		looks = looks || len(s.Patterns) > 0 || s.Closed
	}
	for _, other := range others {
		if err := checkImplied(other, seen || len(structs)+len(others) > 1, hidden); err != nil {
			return err
		}
	}
	for _, s := range structs {
		for _, f := range s.Fields {
			if f.Presence == Implied && seen && hidden {
				return errImplied
			}
			// What is added inside a field that may be absent is not followed either.
			if err := checkImplied(f.Check, looks, hidden || f.Presence != Implied); err != nil {
				return err
			}
		}
		for _, pattern := range s.Patterns {
			if err := checkImplied(pattern.Check, looks, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// members takes a conjunction apart into its structs and all else.
func members(p *Predicate) (structs, others []*Predicate) {
	switch p.Op {
	case OpStruct:
		return []*Predicate{p}, nil
	case OpAll, OpWhen, OpEach:
		for _, arg := range p.Args {
			s, o := members(arg)
			structs, others = append(structs, s...), append(others, o...)
		}
		return structs, others
	}
	return nil, []*Predicate{p}
}
