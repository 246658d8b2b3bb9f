package schema

import "github.com/secgen/secgen/manifest"

// Op is the kind of a predicate.
type Op string

// The kinds of predicates. Which fields of Predicate each uses stands beside it.
const (
	OpAny    Op = "any"    // accepts everything
	OpNever  Op = "never"  // accepts nothing
	OpType   Op = "type"   // Types: one of these kinds
	OpEqual  Op = "eq"     // Arg: this scalar, kind included
	OpNot    Op = "ne"     // Arg: another scalar of the same type
	OpLess   Op = "lt"     // Arg: number or string
	OpAtMost Op = "le"     // Arg
	OpAbove  Op = "gt"     // Arg
	OpLeast  Op = "ge"     // Arg
	OpMatch  Op = "re"     // Arg: regular expression that matches
	OpNoMat  Op = "nre"    // Arg: regular expression that does not match
	OpText   Op = "text"   // Func, Arg: a function of package strings
	OpSize   Op = "size"   // Func, Arg: MinItems, MaxItems, MinFields, MaxFields, MinRunes, MaxRunes
	OpUnique Op = "unique" // list without two equal items
	OpHas    Op = "has"    // Arg: list that contains this scalar
	OpStruct Op = "struct" // Fields, Patterns, Closed
	OpList   Op = "list"   // Items: the first items; Rest: all others, nil where there must be none
	OpAll    Op = "all"    // Args: each of them
	OpOr     Op = "or"     // Args: at least one of them
	OpN      Op = "n"      // Args, Count: the number of those that hold satisfies Count
	OpItemsN Op = "itemsN" // Args[0], Count: the number of items that satisfy it satisfies Count
	OpIf     Op = "if"     // Args: if the first holds the second must, otherwise the third
	OpEach   Op = "each"   // Arg: list; stands, among the Args of all, or and n, for Args[0] once for each value
	OpWhen   Op = "when"   // Guard: Args[0] where the guard holds for the parameters, otherwise everything
)

// Predicate is a rule's schema as a tree that can be run on nodes. Operands may
// be slots, which Bind fills with parameters.
type Predicate struct {
	Op       Op           `json:"op"`
	Types    []string     `json:"types,omitempty"`
	Arg      *Operand     `json:"arg,omitempty"`
	Func     string       `json:"func,omitempty"`
	Fields   []FieldCheck `json:"fields,omitempty"`
	Patterns []KeyCheck   `json:"patterns,omitempty"`
	Closed   bool         `json:"closed,omitempty"`
	Items    []*Predicate `json:"items,omitempty"`
	Rest     *Predicate   `json:"rest,omitempty"`
	Args     []*Predicate `json:"args,omitempty"`
	Count    *Predicate   `json:"count,omitempty"`
	Guard    *Guard       `json:"guard,omitempty"`
}

// Presence is how a schema names a field.
type Presence string

// The ways to name a field.
const (
	Optional Presence = ""         // x?: judged where it is present
	Required Presence = "required" // x!: must be present
	Implied  Presence = "implied"  // x: {...}: judged as {} where it is missing
)

// FieldCheck is what a struct demands of one field.
type FieldCheck struct {
	Name     string     `json:"name"`
	Presence Presence   `json:"presence,omitempty"`
	Check    *Predicate `json:"check"`
}

// KeyCheck is what a struct demands of the fields whose key satisfies Key.
type KeyCheck struct {
	Key   *Predicate `json:"key"`
	Check *Predicate `json:"check"`
}

// Operand is a value that a predicate compares with: a constant, or a slot.
type Operand struct {
	Const *Scalar `json:"const,omitempty"`
	// Slot is the path of a value below the rule's parameters.
	Slot []string `json:"slot,omitempty"`
	// Var counts the enclosing OpEach predicates, from 1 for the innermost, whose
	// current value is meant; Slot then leads on from it.
	Var int `json:"var,omitempty"`
}

// Scalar is a constant, as manifest.Node has it.
type Scalar struct {
	Kind manifest.Kind `json:"k,omitempty"`
	Text string        `json:"t,omitempty"`
}

func (s *Scalar) node() *manifest.Node { return &manifest.Node{Kind: s.Kind, Text: s.Text} }

// Guard is a condition on parameters alone.
type Guard struct {
	// Op is "slot" (a boolean operand), "not", "and", "or", or a comparison: "==",
	// "!=", "<", "<=", ">", ">=". Len compares the length of the left operand.
	Op    string   `json:"op"`
	Left  *Operand `json:"left,omitempty"`
	Right *Operand `json:"right,omitempty"`
	Len   bool     `json:"len,omitempty"`
	Args  []*Guard `json:"args,omitempty"`
}
