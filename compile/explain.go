package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
)

// explain prints every decision with its derivation, and the proof's verdict.
func explain(environment string, p *plan.Plan, r *Result) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, n := range p.Namespaces {
		line("namespace %s", n.Name)
		for _, q := range append([]*plan.ResourceQuota{n.Quota}, n.Priorities...) {
			explainQuota(q, line)
		}
		if n.Limits != nil {
			for _, item := range n.Limits.Items {
				line("  limit range, %s", item.Type)
				for _, key := range sorted(item.Why) {
					line("    %s: %s", key, item.Why[key])
				}
			}
		}
		if s := n.PodSecurity; s != nil {
			line("  Pod Security %s: %s", s.Level, strings.Join(s.Why, "; "))
		}
		for _, role := range n.Roles {
			line("  role %s: %s", role.Name, strings.Join(role.Groups, ", "))
		}
		if t := n.Tenant; t != nil {
			for _, k := range t.Kustomizations {
				line("  Flux deploys %s as account %s of namespace %s", k.Path, t.Account, t.Home)
			}
		}
		explainTraffic(n.Traffic, line)
	}
	explainCluster(p, line)
	for _, n := range r.Notes {
		line("note: %s", n)
	}
	for _, q := range r.Questions {
		line("question: %s", q.In(environment))
	}
	for _, f := range r.Unproven {
		line("not proven: %s", f)
	}
	if len(r.Unproven) == 0 {
		line("%s", verdict(p))
	}
	return b.String()
}

// explainQuota prints a quota, which may be nil.
func explainQuota(q *plan.ResourceQuota, line func(string, ...any)) {
	if q == nil {
		return
	}
	if q.Priority == "" {
		line("  resource quota")
	} else {
		line("  resource quota of priority class %s", q.Priority)
	}
	for _, a := range q.Hard {
		for _, text := range a.Lines() {
			line("    %s", text)
		}
	}
}

// verdict says what the proof has shown, and for which namespaces: of traffic that
// compile only observes, or leaves to the repository's own policies, nothing is
// claimed.
func verdict(p *plan.Plan) string {
	modes := map[plan.Mode][]string{}
	var own, silent []string
	for _, n := range p.Namespaces {
		switch {
		case n.Traffic != nil:
			modes[n.Traffic.Mode] = append(modes[n.Traffic.Mode], n.Name)
		case n.Isolated:
			own = append(own, n.Name)
		default:
			silent = append(silent, n.Name)
		}
	}
	text := "proven: every roll-out fits its quota, every pod passes its limit range and Pod Security level"
	if names := modes[plan.Enforce]; len(names) > 0 {
		text += fmt.Sprintf("; every declared flow is allowed, and what is not declared is denied, in %s", strings.Join(names, ", "))
	}
	if names := modes[plan.Staged]; len(names) > 0 {
		text += fmt.Sprintf("; the same would hold, once enforced, in %s", strings.Join(names, ", "))
	}
	if len(own) > 0 {
		text += fmt.Sprintf("; the repository's own policies allow every declared flow in %s, and what else they allow is theirs", strings.Join(own, ", "))
	}
	if len(silent) > 0 {
		text += fmt.Sprintf("; of traffic, nothing is shown in %s", strings.Join(silent, ", "))
	}
	return text
}

func explainCluster(p *plan.Plan, line func(string, ...any)) {
	if g := p.NodePorts; g != nil {
		first, last := plan.NodePortRange()
		line("node ports %d-%d closed on %s", first, last, g.Selector)
		for _, o := range g.Open {
			line("  but for %s from %s %s", o.Port, listed(o.CIDRs, "anybody"), o.Why)
		}
	}
	if r := p.Region; r != nil {
		line("isolation of the workers by %s of %s (%s), region %s", r.Data.Name, r.Data.Source, r.Data.Date, r.Name)
		for _, q := range r.Policies {
			line("  %s: %s", q.Name, q.Why)
		}
	}
	if p.Images != nil {
		line("namespaces without image policy pull from %s", strings.Join(p.Images.Repositories, ", "))
	}
	for _, g := range p.NodeGroups {
		line("node group %s: %s=%s, tolerated by %s", g.Name, g.Key, g.Value, strings.Join(g.Namespaces, ", "))
		for _, m := range g.Members {
			line("  %s: %s", m.Key(), m.Why)
		}
	}
	if h := p.Hosts; h != nil {
		line("public interfaces of the nodes: all that comes in is denied but pings, load balancers, what goes on to pods, %d ports of agents, and %s",
			len(h.AgentPorts), listed(h.Management, "no management"))
	}
	for _, l := range p.Legacy {
		line("migrated to projectcalico.org/v3: %s", l.ID)
	}
}

func explainTraffic(t *plan.Isolation, line func(string, ...any)) {
	if t == nil {
		return
	}
	line("  traffic, %s", t.Mode)
	if len(t.Rules) == 0 {
		line("    no flow is declared: all is denied but DNS")
	}
	flow := func(who, way string, side plan.Side, f plan.Flow) {
		line("    %s %s %s on %s: %s", who, way, side, portText(side, f.Ports), reasons(f))
	}
	for _, f := range t.DNS {
		if t.Egress {
			flow("all pods", "to", f.To, f)
		}
	}
	for _, r := range t.Rules {
		for _, f := range r.Ingress {
			flow(r.Who(), "from", f.From, f)
		}
		for _, f := range r.Egress {
			flow(r.Who(), "to", f.To, f)
		}
	}
}

func portText(other plan.Side, ports []plan.Port) string {
	switch {
	case other.Kind == plan.APIServer:
		return "the addresses and ports that Service default/kubernetes has in the cluster"
	case len(ports) == 0:
		return "all ports"
	}
	texts := make([]string, len(ports))
	for i, p := range ports {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func reasons(f plan.Flow) string {
	texts := make([]string, len(f.Reasons))
	for i, r := range f.Reasons {
		texts[i] = r.String()
	}
	return strings.Join(texts, "; ")
}

// listed joins items, or says that there are none.
func listed(items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	return strings.Join(items, ", ")
}
