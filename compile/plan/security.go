package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// PodSecurityLabels are the labels that tell Kubernetes' Pod Security admission
// what a namespace may run.
type PodSecurityLabels struct {
	// Level is the strictest that all workloads pass: restricted, baseline or
	// privileged.
	Level string
	// Observed is the level that is audited and warned of: Level, but baseline where
	// that is privileged, since nobody would see then what runs.
	Observed string
	// Version of Kubernetes whose reading of the level is enforced, such as "v1.33";
	// "" is that of the cluster, which an upgrade may tighten.
	Version string
	// Enforce says that pods are refused; otherwise the level is only audited and
	// warned of.
	Enforce bool
	// Skip are labels that the repository's Namespace has already.
	Skip []string
	Why  []string
	// Against is what breaks a level that the policy asks for; nil where nothing
	// does.
	Against *Complaint
}

// The levels, strictest first, with the profile of rules that judges each.
const (
	restricted = "restricted"
	baseline   = "baseline"
	privileged = "privileged"
)

// levels is what stands against a level, by resource.
type levels map[string]map[manifest.ID][]Complaint

// podSecurityLevels judges all workloads at once.
func (p *planner) podSecurityLevels() (levels, error) {
	if p.Judge == nil {
		return nil, nil
	}
	var workloads []*manifest.Resource
	for _, ns := range p.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			workloads = append(workloads, w.Resource)
		}
	}
	out := levels{}
	for _, level := range []string{restricted, baseline} {
		complaints, err := p.Judge("pss-"+level, workloads)
		if err != nil {
			return nil, fmt.Errorf("judge the workloads by pss-%s: %w", level, err)
		}
		out[level] = map[manifest.ID][]Complaint{}
		for _, c := range complaints {
			out[level][c.Resource] = append(out[level][c.Resource], c)
		}
	}
	return out, nil
}

// podSecurity plans the labels of a namespace.
func (p *planner) podSecurity(n *Namespace, judged levels) {
	if judged == nil {
		return
	}
	labels := &PodSecurityLabels{Level: cmp.Or(n.Policy.PodSecurity, restricted), Enforce: true}
	if n.Policy.PodSecurity != "" {
		labels.Why = append(labels.Why, "the policy asks for "+labels.Level)
		labels.Against = against(n, judged[labels.Level])
	} else {
		for _, level := range []string{restricted, baseline} {
			c := against(n, judged[level])
			if c == nil {
				labels.Why = append(labels.Why, passed(n, level))
				break
			}
			labels.Level = map[string]string{restricted: baseline, baseline: privileged}[level]
			labels.Why = append(labels.Why, fmt.Sprintf("not %s: %s: %s", level, c.Resource, c.Rule))
		}
	}
	labels.Observed = labels.Level
	if labels.Level == privileged {
		labels.Observed = baseline
		labels.Why = append(labels.Why, "baseline is audited and warned of all the same")
	}
	labels.Version = p.kubernetes()
	if why := n.unseen(); why != "" && labels.Level != privileged {
		labels.Enforce = false
		labels.Why = append(labels.Why, "not enforced: "+why)
	}
	if labels.Version != "" && labels.Enforce {
		labels.Why = append(labels.Why, "enforced as Kubernetes "+labels.Version+" reads it, whatever an upgrade adds")
	}
	if n.Object != nil && !n.Object.Object.Get("metadata", "annotations").Has(PatchedBy) {
		existing := n.Object.Object.Get("metadata", "labels")
		for _, mode := range []string{"enforce", "enforce-version", "audit", "warn"} {
			if label := PodSecurityLabel(mode); existing.Has(label) {
				labels.Skip = append(labels.Skip, label)
			}
		}
		if slices.Contains(labels.Skip, PodSecurityLabel("enforce")) {
			p.note(n.Name, PodSecurity, "is enforced by the repository's Namespace")
			return
		}
	}
	n.PodSecurity = labels
}

func passed(n *Namespace, level string) string {
	if len(n.Workloads) == 0 {
		return noWorkload
	}
	return "all workloads pass " + level
}

// PatchedBy is the annotation that tells, once a root includes the component of
// compile, which of a Namespace's labels came from there.
const PatchedBy = "secgen.dev/patched"

// kubernetes is the policy's version of Kubernetes as vMAJOR.MINOR, or "".
func (p *planner) kubernetes() string {
	if p.Policy == nil || p.Policy.Cluster.Kubernetes == "" {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(p.Policy.Cluster.Kubernetes, "v"), ".")
	return "v" + strings.Join(parts[:2], ".")
}

// PodSecurityLabel is the label of a mode: enforce, enforce-version, audit or warn.
func PodSecurityLabel(mode string) string { return "pod-security.kubernetes.io/" + mode }

// against is the first complaint about a workload of the namespace, or nil.
func against(n *Namespace, complaints map[manifest.ID][]Complaint) *Complaint {
	for _, w := range n.Workloads {
		if list := complaints[w.Resource.ID]; len(list) > 0 {
			first := slices.MinFunc(list, func(a, b Complaint) int { return cmp.Compare(a.Rule, b.Rule) })
			return &first
		}
	}
	return nil
}
