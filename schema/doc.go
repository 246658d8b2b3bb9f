// Package schema holds all CUE of secgen: the importable module (rule, policy,
// views), the rules, the profiles and the data sets, and the rule compiler that
// lowers a rule's CUE into a predicate tree. It is the only importer of CUE.
//
// The walk of a rule:
//
//	Builtin, LoadRules  CUE -> *Set of *Rule (plain data; documentation, parameters, predicates)
//	Set.Bind            rule and parameter values -> *Bound, ready to judge
//	Bound.Eval          view -> Result (violations with field path, value found, value wanted)
//	Rule.Render         violation -> the finding's message
//
// Where to find what: rule.go the nouns, set.go sets, profile.go profiles,
// framework.go lists of controls, predicate.go the predicate tree, bind*.go,
// check*.go and verdict.go its evaluation, words.go and render.go what it says,
// scope.go, conjuncts.go and lower*.go CUE to predicate, cueeval.go evaluation by
// CUE, load.go reading CUE offline, rules.go, refusals.go and typewalk.go rules
// and what is wrong with them, builtin.go the built-in rules,
// config*.go secgen.cue, harness*.go fixtures, docs.go
// the rules' pages. In CUE: rule.cue #Rule, profiles.cue, framework*.cue
// #Frameworks, config.cue #Config, k8s_gen.cue the Kubernetes types, view*.cue
// #Views (one field a view: its closed type, facts included),
// rules/<category>/<rule>/.
//
// It promises that a predicate judges as CUE's Validate(Concrete(true)) of
// (require & view) does, or that the rule is left to CUE, which is then said in
// Rule.NotLowered. It does not know how views are made (package lint/view) nor
// where files come from: callers hand in an fs.FS that they have bounded.
//
// LoadRules, LoadConfig and Bound.Eval of a rule that is not lowered run CUE on
// input that may be hostile. CUE can be neither cancelled nor bounded, so they
// belong into a worker process with a deadline and a memory cap.
package schema
