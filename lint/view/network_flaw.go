package view

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// flawViews returns a view of each field of a policy that is wrong, opens more
// than it seems to, or decides nothing.
func (c cluster) flawViews() []View {
	if c.network == nil {
		return nil
	}
	f := flaws{cluster: c}
	for _, s := range c.network.scopes {
		asked := map[*manifest.Resource]bool{}
		for _, r := range s.policies {
			asked[r] = true
			if isPolicy(r.ID) && forHosts(r) && isCalico(r.ID) {
				f.hosts(r)
			}
			if isPolicy(r.ID) {
				f.private(r)
			}
		}
		for _, p := range s.problems {
			if asked[p.Resource] {
				f.problem(p)
			}
		}
		for _, o := range s.opens() {
			f.opening(o)
		}
		for _, i := range s.ineffective() {
			f.idle(i)
		}
	}
	f.metadata()
	return f.views
}

// flaws collects views.
type flaws struct {
	cluster cluster
	views   []View
}

func (f *flaws) add(r *manifest.Resource, path manifest.FieldPath, key string, what facts) {
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(f.cluster.name))
	facts.set("path", text(path.String()))
	facts.set("staged", boolean(isStaged(r.ID)))
	once := ""
	if isStaged(r.ID) {
		once = "once enforced, "
	}
	facts.set("once", text(once))
	facts.set(key, what.node())
	f.views = append(f.views, View{
		Kind: schema.ViewNetworkFlaw, Resource: r, Path: path, Label: "field " + path.String(),
		Node: (&manifest.Node{Kind: manifest.Map}).With("facts", facts.node()), Roots: []string{f.cluster.network.root[r]},
	})
}

// problem leaves out what is only not known.
func (f *flaws) problem(p netpol.Problem) {
	if p.Code == netpol.CodeUnresolved || p.Code == netpol.CodeNotUnderstood {
		return
	}
	what := facts{}
	what.set("code", text(string(p.Code)))
	what.set("message", text(p.Message))
	found, _, _ := strings.Cut(p.Message, "; want ")
	what.set("found", text(found))
	what.set("refused", boolean(p.Refused))
	what.set("calico", boolean(isCalico(p.Resource.ID) || isLegacy(p.Resource.ID)))
	f.add(p.Resource, p.Path, "problem", what)
}

func (f *flaws) opening(o netpol.Opening) {
	r := o.Rule.Policy.Resource
	what := facts{}
	what.set("direction", text(o.Rule.Direction.String()))
	what.set("scope", text(o.Scope.String()))
	what.set("overrules", manifest.Of(overruled(o)))
	what.set("wholeNamespace", boolean(o.WholeNamespace))
	what.set("host", boolean(forHosts(r)))
	f.add(r, o.Rule.Path, "opens", what)
}

// overruled lists the rules beside an opening that no longer restrict anything.
// Those that are also about what the opening is not about still do, but for one
// slip: the ports in one rule of a Kubernetes policy, and every pod in the next,
// where "to" or "from" was meant to stand beside "ports". In a Calico policy that
// denies something, the rules before the Deny count.
func overruled(o netpol.Opening) []string {
	object := o.Rule.Policy.Resource.Object
	out := []string{}
	rules := object.Get("spec", o.Rule.Direction.String()).Elems()
	for _, rule := range rules {
		if action := rule.Get("action").Str(); action != "" && action != "Allow" && action != "Log" {
			return out
		}
	}
	for _, other := range o.Overrules {
		n := object.Lookup(other.Path)
		side := n.Get(peerField(other.Direction))
		pods := n.Has("podSelector") || n.Has("namespaceSelector") || side.Has("selector") && !side.Has("nets")
		portsOnly := n.Has("ports") && !n.Has("to") && !n.Has("from")
		if o.Scope != netpol.AllPods || pods || portsOnly && alone(object, o.Rule.Path) {
			out = append(out, other.Path.String())
		}
	}
	return out
}

// alone tells whether the peer at a path is the only one of a rule without ports.
func alone(object *manifest.Node, peer manifest.FieldPath) bool {
	if len(peer) < 2 {
		return false
	}
	rule := object.Lookup(peer[:len(peer)-2])
	return !rule.Has("ports") && len(object.Lookup(peer[:len(peer)-1]).Elems()) == 1
}

// peerField names the far side of a Calico rule.
func peerField(d netpol.Direction) string {
	if d == netpol.Egress {
		return "destination"
	}
	return "source"
}

// idle leaves out rules that may decide something about what nobody renders.
func (f *flaws) idle(i netpol.Ineffective) {
	policy := i.Rule.Policy
	r := policy.Resource
	if i.Why == netpol.SelectsNothing || forHosts(r) {
		return
	}
	local := isLocal(r, i.Rule)
	switch i.Why {
	case netpol.MatchesNothing:
		if !local || !f.peerIsKnown(r, i) {
			return
		}
	case netpol.Shadowed:
		if dialectOf(r.ID) != "kubernetes" && !f.cluster.isWhole() {
			return
		}
	}
	what := facts{}
	what.set("why", text(map[netpol.Idle]string{
		netpol.MatchesNothing: "matches nothing", netpol.Shadowed: "shadowed", netpol.NotInTypes: "not in types",
	}[i.Why]))
	if i.By.Policy != nil {
		what.set("by", text(i.By.String()))
	}
	what.set("inside", boolean(i.By.Policy == policy))
	what.set("contradicts", boolean(contradicts(i)))
	what.set("local", boolean(local))
	what.set("calico", boolean(isCalico(r.ID)))
	what.set("direction", text(i.Rule.Direction.String()))
	f.add(r, i.Rule.Path, "idle", what)
}

// contradicts tells whether a rule and the one before it say different things.
func contradicts(i netpol.Ineffective) bool {
	if i.By.Policy == nil {
		return false
	}
	own, by := i.Rule.Policy.Resource.Object.Lookup(i.Rule.Path), i.By.Policy.Resource.Object.Lookup(i.By.Path)
	return own.Get("action").Str() != by.Get("action").Str()
}

// isWhole tells whether all roots are read and nothing makes pods that nobody
// renders.
func (c cluster) isWhole() bool {
	return !slices.ContainsFunc(c.digests, func(d Digest) bool { return d.Unread || len(d.Opaque) > 0 }) && !c.hasUnnamed()
}

// isLocal tells whether the peer of a rule is pods of the policy's own namespace.
func isLocal(r *manifest.Resource, rule netpol.Rule) bool {
	peer := r.Object.Lookup(rule.Path)
	if dialectOf(r.ID) == "kubernetes" {
		return peer.Has("podSelector") && !peer.Has("namespaceSelector")
	}
	side := peer.Get(peerField(rule.Direction))
	return !isGlobal(r.ID) && side.Has("selector") && !side.Has("namespaceSelector")
}

// peerIsKnown tells whether all pods that the peer of a rule could be are
// rendered, and none is one.
func (f *flaws) peerIsKnown(r *manifest.Resource, i netpol.Ineffective) bool {
	if i.Candidates == 0 {
		return false
	}
	if dialectOf(r.ID) == "kubernetes" {
		return f.cluster.podSelectorSelects(r.ID.Namespace, r.Object.Lookup(i.Rule.Path).Get("podSelector")) == netpol.No
	}
	known, _ := f.cluster.selectsPods(r.ID.Namespace, labels.Nothing())
	return known && !f.cluster.hasUnnamed() && !f.cluster.hasSets()
}

// hasSets tells whether selectors may find network sets rather than pods.
func (c cluster) hasSets() bool {
	for r := range c.network.root {
		if strings.HasSuffix(r.ID.Kind, "NetworkSet") {
			return true
		}
	}
	return false
}

// hosts finds the rules of a policy for host endpoints that let everyone in.
func (f *flaws) hosts(r *manifest.Resource) {
	for i, rule := range r.Object.Get("spec", "ingress").Elems() {
		proto := rule.Get("protocol")
		tcp := proto.IsNull() || proto.Text == "TCP" || proto.Text == "6"
		if rule.Get("action").Str() != "Allow" || !tcp || rule.Has("notProtocol") || !everyone(rule.Get("source")) {
			continue
		}
		ports, ssh, every := portsOf(rule.Get("destination"))
		what := facts{}
		what.set("ports", text(ports))
		what.set("ssh", boolean(ssh))
		what.set("everyPort", boolean(every))
		f.add(r, manifest.Path("spec", "ingress").At(i), "host", what)
	}
}

// everyone tells whether a rule's source is any address.
func everyone(source *manifest.Node) bool {
	if source == nil {
		return true
	}
	for _, f := range source.Fields {
		empty := f.Value.IsNull() || f.Value.Kind == manifest.List && len(f.Value.Items) == 0
		if f.Key != "nets" && f.Key != "ports" && !empty {
			return false
		}
	}
	nets := source.Get("nets").Strings()
	for _, n := range nets {
		if n == "0.0.0.0/0" || n == "::/0" {
			return true
		}
	}
	return len(nets) == 0
}

// portsOf says which ports of TCP a destination names. Named ports are not known.
func portsOf(destination *manifest.Node) (words string, ssh, every bool) {
	list := destination.Get("ports").Elems()
	if len(list) == 0 {
		return "every port", !destination.Has("notPorts"), !destination.Has("notPorts")
	}
	var names []string
	for _, n := range list {
		names = append(names, n.Text)
		low, high, ok := workload.PortRange(n.Text)
		ssh = ssh || ok && low <= 22 && 22 <= high
		every = every || ok && low <= 1 && high == 65535
	}
	if len(names) > 1 {
		return "the ports " + strings.Join(names, ", "), ssh, every
	}
	return "port " + names[0], ssh, every
}
