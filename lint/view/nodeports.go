package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Kubernetes gives out these ports on every node, unless the API server is told
// otherwise.
const firstNodePort, lastNodePort = 30000, 32767

// nodePortView returns a view of the object by which the environment shows that
// node ports are meant to be closed, though no policy closes them; none where
// nothing shows that, or where a policy that nobody reads may close them. Calico
// closes them before DNAT on classic clusters and on those with host endpoints;
// VPC clusters of IBM have security groups instead.
func (c cluster) nodePortView() []View {
	if c.network == nil || c.policy != nil && c.policy.Cluster.Provider == "iks-vpc" ||
		slices.ContainsFunc(c.digests, func(d Digest) bool { return d.Unread }) {
		return nil
	}
	open := c.openNodePorts()
	if len(open) == 0 {
		return nil
	}
	r, at, root, because := c.meansToClose()
	if r == nil {
		return nil
	}
	what := facts{}
	what.set("open", text(strings.Join(open, " and ")+" "+strconv.Itoa(firstNodePort)+"-"+strconv.Itoa(lastNodePort)))
	what.set("because", text(because))
	place := r.Object.Lookup(at)
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(c.name))
	facts.set("nodePorts", from(place, what.node()))
	return []View{{
		Kind: schema.ViewEnvironment, Resource: r, Label: r.ID.Kind + " " + strconv.Quote(r.ID.Name),
		Node: headOf(r.Object).With("facts", facts.node()), Roots: []string{root},
	}}
}

// meansToClose finds the first sign that node ports are meant to be closed: a
// policy before DNAT, a workload on edge nodes, a word in secgen.cue.
func (c cluster) meansToClose() (r *manifest.Resource, at manifest.FieldPath, root, because string) {
	offer := func(candidate *manifest.Resource, path manifest.FieldPath, from, why string) {
		if r == nil || candidate.ID.Compare(r.ID) < 0 {
			r, at, root, because = candidate, path, from, why
		}
	}
	for _, d := range c.digests {
		for _, p := range d.Network {
			if guardsNodePorts(p) {
				offer(p, manifest.Path("spec", "preDNAT"), d.Root, "policies before DNAT guard the nodes")
			}
		}
	}
	if r != nil {
		return r, at, root, because
	}
	for _, d := range c.digests {
		for _, o := range d.Edge {
			fields, _ := o.node()
			offer(&manifest.Resource{ID: o.ID, Object: fields, Origin: o.Origin}, manifest.Path("metadata", "name"), d.Root, "workloads are kept on edge nodes")
		}
	}
	if r != nil || c.policy == nil {
		return r, at, root, because
	}
	edge := slices.ContainsFunc(mapValues(c.policy.Cluster.NodeGroups), func(g schema.NodeGroupPolicy) bool { return g.Network })
	if !edge && c.policy.Cluster.NodePorts == nil {
		return nil, nil, "", ""
	}
	for _, d := range c.digests {
		for _, s := range d.Network {
			kind := s.Object.Get("spec", "type").Str()
			if s.ID.Kind == "Service" && s.ID.Group() == "" && (kind == "NodePort" || kind == "LoadBalancer") {
				offer(s, manifest.Path("spec", "type"), d.Root, "secgen.cue names edge nodes or closed node ports")
			}
		}
	}
	return r, at, root, because
}

func mapValues[K comparable, V any](m map[K]V) []V {
	var out []V
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// guardsNodePorts tells whether an object is an enforced policy that decides
// before DNAT.
func guardsNodePorts(r *manifest.Resource) bool {
	set, _ := r.Object.Get("spec", "preDNAT").Bool()
	return set && isPolicy(r.ID) && isCalico(r.ID) && !isStaged(r.ID)
}

// openNodePorts lists the protocols of which no policy denies all node ports.
func (c cluster) openNodePorts() []string {
	open := []string{"TCP", "UDP"}
	for _, d := range c.digests {
		for _, r := range d.Network {
			if isLegacy(r.ID) && isPolicy(r.ID) {
				return nil // one of version 1, which has a rule of its own
			}
			if !guardsNodePorts(r) {
				continue
			}
			for _, rule := range r.Object.Get("spec", "ingress").Elems() {
				if rule.Get("action").Str() == "Deny" && everyoneElse(rule.Get("source")) {
					open = slices.DeleteFunc(open, func(protocol string) bool { return closes(rule, protocol) })
				}
			}
		}
	}
	return open
}

// everyoneElse tells whether a Deny is for all sources, but perhaps for some that
// it leaves out.
func everyoneElse(source *manifest.Node) bool {
	return source == nil || everyone(source) || source.Has("notNets") && !source.Has("nets") && !source.Has("selector")
}

// closes tells whether a Deny covers all node ports of a protocol. What is written
// in a way that is not looked into counts as closed.
func closes(rule *manifest.Node, protocol string) bool {
	if p := rule.Get("protocol"); !p.IsNull() && !strings.EqualFold(p.Text, protocol) && p.Text != map[string]string{"TCP": "6", "UDP": "17"}[protocol] {
		return false
	}
	ports := rule.Get("destination", "ports").Elems()
	if len(ports) == 0 || rule.Has("notProtocol") {
		return true
	}
	next := firstNodePort
	var ranges [][2]int
	for _, n := range ports {
		low, high, ok := workload.PortRange(n.Text)
		if !ok {
			return true
		}
		ranges = append(ranges, [2]int{int(low), int(high)})
	}
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	for _, r := range ranges {
		if r[0] <= next && r[1] >= next {
			next = r[1] + 1
		}
	}
	return next > lastNodePort
}

// edgeOf tells whether a pod seeks or tolerates edge nodes, by the label and taint
// that IBM's documentation gives them; nil where it does not. The object's name
// has the position of the field.
func edgeOf(r *manifest.Resource, p workload.Pod) *Object {
	if !slices.Contains(p.NodeLabels(), "dedicated=edge") {
		return nil
	}
	o := objectOf(r)
	if at := first(p.Spec.Get("nodeSelector"), p.Spec.Get("affinity", "nodeAffinity")); at != nil {
		o.Name = at.Pos
	}
	return &o
}
