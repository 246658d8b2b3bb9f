package lint

import (
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/schema"
)

// levels are secgen's own rules for the Pod Security Standards. They say which
// level the pods of an object pass, whatever the selected profile is.
type levels struct {
	baseline, restricted []*schema.Bound
}

// newLevels binds the built-in rules of the two profiles to their defaults.
func newLevels() (*levels, error) {
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	l := &levels{}
	for _, level := range []struct {
		profile string
		into    *[]*schema.Bound
	}{{"pss-baseline", &l.baseline}, {"pss-restricted", &l.restricted}} {
		rules, parameters, err := set.InProfile(level.profile)
		if err != nil {
			return nil, err
		}
		for _, r := range rules {
			b, err := set.Bind(r, parameters[r.ID])
			if err != nil {
				return nil, err
			}
			*level.into = append(*level.into, b)
		}
	}
	return l, nil
}

// of judges the views of one object; ok is false where it has no pods.
func (l *levels) of(views []view.View) (level view.PodLevel, ok bool) {
	for _, seen := range views {
		if seen.Kind != schema.ViewPod && seen.Kind != schema.ViewContainer {
			continue
		}
		level.ID, ok = seen.Resource.ID, true
		if level.Baseline == "" {
			level.Baseline = broken(l.baseline, seen)
		}
		if level.Restricted == "" {
			level.Restricted = broken(l.restricted, seen)
		}
	}
	return level, ok
}

// broken is the message of the first rule that a view breaks.
func broken(rules []*schema.Bound, seen view.View) string {
	for _, b := range rules {
		if b.Rule.View != seen.Kind {
			continue
		}
		if bad := b.Eval(seen.Node).Violations; len(bad) > 0 {
			return b.Render(seen.Node, bad[0], seen.Path.Join(bad[0].Path))
		}
	}
	return ""
}
