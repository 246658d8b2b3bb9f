package lint

import (
	"slices"

	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Judge runs rules on views. It is safe for concurrent use.
type Judge struct {
	// Clusters says that secgen.cue names environments. It is set before the first root
	// is judged.
	Clusters  bool
	workloads *workload.Table
	rules     map[schema.View][]*schema.Bound
	kinds     []schema.View
	// network says that some rule reads what network policies mean.
	network bool
	// heads says that some rule reads which objects are rendered twice.
	heads bool
	// levels is there where some rule reads which Pod Security level pods pass.
	levels *levels
}

// NewJudge makes a judge of rules that are bound to their parameters. An error
// means that the built-in rules cannot be read.
func NewJudge(bound []*schema.Bound, workloads *workload.Table) (*Judge, error) {
	j := &Judge{workloads: workloads, rules: map[schema.View][]*schema.Bound{}}
	leveled := false
	for _, b := range bound {
		kind := b.Rule.View
		if j.rules[kind] == nil {
			j.kinds = append(j.kinds, kind)
		}
		j.rules[kind] = append(j.rules[kind], b)
		j.network = j.network || view.OfNetwork(kind) || kind == schema.ViewNamespace && b.Rule.Reads("network") ||
			kind == schema.ViewEnvironment && b.Rule.Reads("nodePorts")
		j.heads = j.heads || kind == schema.ViewEnvironment && b.Rule.Reads("also")
		leveled = leveled || kind == schema.ViewNamespace && b.Rule.Reads("podSecurity") || kind == schema.ViewGuardrail && b.Rule.Reads("unsafe")
	}
	if !leveled {
		return j, nil
	}
	var err error
	if j.levels, err = newLevels(); err != nil {
		return nil, err
	}
	return j, nil
}

// Verdict is what one root's resources come to. It is plain data for gob.
type Verdict struct {
	Violations []Violation
	// Waivers are the annotations that except objects from rules.
	Waivers []Waiver
	// Digest is what rules over namespaces and environments need.
	Digest view.Digest
	// Resources counts what was judged.
	Resources int
	// Unknown counts the values that hold an unresolved ${VARIABLE}.
	Unknown int
	// Notes name what no rule has seen.
	Notes []Note
	// Tallies count what each rule had before it.
	Tallies Tallies
}

// Root judges the resources of one root, each for itself.
func (j *Judge) Root(root string, resources []*manifest.Resource) Verdict {
	env := view.Env{Workloads: j.workloads, Only: j.kinds, Network: j.network, Heads: j.heads, Clusters: j.Clusters}
	if j.levels != nil {
		env.Only = append(slices.Clone(j.kinds), schema.ViewPod, schema.ViewContainer)
	}
	v := Verdict{Resources: len(resources), Digest: env.DigestOf(root, resources)}
	counts := counter{}
	for _, r := range resources {
		v.Waivers = append(v.Waivers, annotationWaivers(r)...)
		v.Notes = append(v.Notes, unknownPods(j.workloads, r)...)
		if len(j.kinds) == 0 {
			continue // no rules: an empty Only would ask for all views
		}
		views := env.Of(r)
		for _, seen := range views {
			j.view(&v, counts, seen)
		}
		if j.levels != nil {
			if level, ok := j.levels.of(views); ok {
				v.Digest.Levels = append(v.Digest.Levels, level)
			}
		}
	}
	v.Tallies = j.tallies(counts, len(resources), 0)
	return v
}

// Repository judges the namespaces and environments that all roots make up
// together. What concerns a root of selected is returned.
func (j *Judge) Repository(digests []view.Digest, in view.Landscape, selected map[string]bool) []RootViolations {
	found, _ := j.RepositoryTallied(digests, in, selected)
	return found
}

// RepositoryTallied is Repository, with what each rule had before it in the
// selected roots.
func (j *Judge) RepositoryTallied(digests []view.Digest, in view.Landscape, selected map[string]bool) ([]RootViolations, Tallies) {
	if len(j.kinds) == 0 {
		return nil, nil // no rules: an empty Only would ask for all views
	}
	whole := view.Whole{Digests: digests, Landscape: in, Workloads: j.workloads, Only: j.kinds, Network: j.network}
	var out []RootViolations
	counts, others := counter{}, counter{}
	for _, seen := range whole.Views() {
		var v Verdict
		if slices.ContainsFunc(seen.Roots, func(root string) bool { return selected[root] }) {
			j.view(&v, counts, seen)
		} else {
			j.view(&v, others, seen)
		}
		for _, root := range seen.Roots {
			if selected[root] && len(v.Violations) > 0 {
				out = append(out, RootViolations{Root: root, Violations: v.Violations})
			}
		}
	}
	return out, j.tallies(counts, 0, policiesIn(digests, selected))
}

// Kustomizations judges the files that say what the roots are made of.
func (j *Judge) Kustomizations(files []view.Kustomization) ([]RootViolations, Tallies) {
	rules := j.rules[schema.ViewKustomization]
	if len(rules) == 0 {
		return nil, nil
	}
	env := view.Env{Workloads: j.workloads, Only: []schema.View{schema.ViewKustomization}}
	var out []RootViolations
	for _, file := range files {
		var v Verdict
		for _, seen := range env.Of(file.Resource) {
			j.view(&v, counter{}, seen)
		}
		for _, root := range file.Roots {
			if len(v.Violations) > 0 {
				out = append(out, RootViolations{Root: root, Violations: v.Violations})
			}
		}
	}
	tallies := Tallies{}
	for _, b := range rules {
		tallies[b.Rule.ID] = Tally{Seen: len(files)}
	}
	return out, tallies
}

// view runs the rules of the view's kind on it.
func (j *Judge) view(v *Verdict, counts counter, seen view.View) {
	rules := j.rules[seen.Kind]
	tallies := counts.of(seen.Kind, len(rules))
	for i, b := range rules {
		result := b.Eval(seen.Node)
		tallies[i].add(seen, result)
		v.Unknown += result.Unknown
		for _, bad := range result.Violations {
			v.Violations = append(v.Violations, violationOf(b, seen, bad))
		}
	}
}

func violationOf(b *schema.Bound, seen view.View, bad schema.Violation) Violation {
	field := bad.Path
	var fact *manifest.Node
	if len(field) > 0 && !field[0].IsIndex && field[0].Key == "facts" {
		fact = seen.Node.Lookup(field)
		field = atOf(b.Rule)
	}
	path := seen.Path.Join(field)
	secret := b.Rule.Secret || seen.Resource.ID.Kind == "Secret"
	if secret && bad.Found != nil {
		bad.Found = manifest.Of("(redacted)")
	}
	out := Violation{
		Rule: b.Rule.ID, Severity: b.Rule.Severity, Remediation: b.Rule.Remedy,
		Message:  b.Render(seen.Node, bad, shownPath(seen, bad, path)),
		Resource: seen.Resource.ID, Origin: seen.Resource.Origin.ID,
		Path: path.String(), Field: StablePath(seen.Node, field), StablePath: StablePath(seen.Resource.Object, path),
		Secret: secret, Subject: subjectOf(seen, bad),
	}
	out.Position, out.Related = seen.Resource.Locate(path)
	if seen.Pod != nil && seen.Node.Lookup(field) == nil {
		// What protected all containers of the pod counts where none of their own was
		// taken away.
		if _, own := seen.Resource.TakenAway(path); !own {
			if at, ok := seen.Resource.TakenAway(seen.Pod.Join(field)); ok {
				out.Position, out.Related = at, nil
			}
		}
	}
	if fact != nil && !fact.Pos.IsZero() && !ends(out.Position, fact.Pos) {
		out.Position, out.Related = fact.Pos, fact.Related
	}
	return out
}

// shownPath is what messages call the place: of a component, whose flags are
// entries of a list, the flag.
func shownPath(seen view.View, bad schema.Violation, path manifest.FieldPath) manifest.FieldPath {
	if n := len(bad.Path); seen.Kind == schema.ViewComponent && n > 2 && bad.Path[1].Key == "flags" {
		return bad.Path[2:3]
	}
	return path
}

func subjectOf(seen view.View, bad schema.Violation) Subject {
	s := Subject{}
	for _, step := range bad.Path {
		if !step.IsIndex {
			s.Field = step.Key
		}
	}
	if seen.Kind == schema.ViewComponent {
		s.Component = seen.Node.Get("facts", "name").Str()
	}
	if (seen.Kind == schema.ViewComponent || seen.Kind == schema.ViewContainer) && bad.Found.Str() != "" {
		s.Value = bad.Found.Str()
	}
	return s
}

// ends tells whether a field's range ends with the value of a fact: the fact then
// stands for the whole field, which is shown with its key.
func ends(field, fact manifest.Position) bool {
	return field.File == fact.File && field.Approximate == fact.Approximate && fact.EndLine > 0 &&
		field.EndLine == fact.EndLine && field.EndColumn == fact.EndColumn
}

// atOf is where a rule wants violations of a fact to be reported. The rule
// compiler has checked that it is a path.
func atOf(r *schema.Rule) manifest.FieldPath {
	at, err := manifest.ParsePath(r.At)
	if err != nil {
		return nil
	}
	return at
}
