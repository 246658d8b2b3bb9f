package view

import (
	"maps"
	"slices"
	"strconv"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// Environment is the roots that land in one cluster together.
type Environment struct {
	Name  string
	Roots []string
	// Policy is what secgen.cue says of the cluster; nil where it says nothing.
	Policy *schema.Policy
	// Namespaces are those that the policy declares beside those that are rendered.
	Namespaces []Declared
}

// Landscape is which roots land in which cluster, and what is said of them.
type Landscape struct {
	// Environments are those that secgen.cue names; without any, all roots count as
	// one.
	Environments []Environment
	// Policy is of the roots that no environment names; nil where nothing is said.
	Policy *schema.Policy
}

// Declared is a namespace that the policy names, and where it does.
type Declared struct {
	Name     string
	Position manifest.Position
}

// cluster is an environment with the digests of its roots.
type cluster struct {
	name     string
	digests  []Digest
	declared []Declared
	// policy is nil where secgen.cue says nothing of the cluster.
	policy *schema.Policy
	// network is nil where nobody asks for it.
	network *network
	// held remembers the answers of holdsAll, which looks at every root; nil where
	// nothing is to be remembered.
	held map[string]bool
}

// clusters joins digests by environment. Roots that no environment names are
// taken together under the name ""; so are all where none is configured.
func clusters(digests []Digest, in Landscape) []cluster {
	taken := map[string]bool{}
	var out []cluster
	for _, e := range in.Environments {
		c := cluster{name: e.Name, declared: e.Namespaces, policy: e.Policy}
		for _, d := range digests {
			if slices.Contains(e.Roots, d.Root) {
				taken[d.Root] = true
				c.digests = append(c.digests, d)
			}
		}
		out = append(out, c)
	}
	rest := cluster{policy: in.Policy}
	for _, d := range digests {
		if !taken[d.Root] {
			rest.digests = append(rest.digests, d)
		}
	}
	if len(rest.digests) > 0 {
		out = append(out, rest)
	}
	return out
}

// namespaceViews returns the views of the namespaces that the roots render or
// that the environment declares, by name. A namespace is covered where any root
// covers it.
func (c cluster) namespaceViews() []View {
	found := map[string]*namespace{}
	for _, d := range c.digests {
		for i := range d.Namespaces {
			o := &d.Namespaces[i]
			n := found[o.ID.Name]
			if n == nil {
				n = &namespace{name: o.ID.Name}
				found[o.ID.Name] = n
			}
			n.add(o, d.Root)
		}
	}
	for _, declared := range c.declared {
		if found[declared.Name] == nil {
			found[declared.Name] = &namespace{name: declared.Name, declared: declared.Position}
		}
	}
	var views []View
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if name != "" && !manifest.Unresolved(name) {
			views = append(views, found[name].view(c))
		}
	}
	return views
}

// namespace is one namespace of a cluster, with the roots that render it.
type namespace struct {
	name     string
	objects  []*Object
	roots    []string
	declared manifest.Position
}

// add keeps the objects in the order of their positions, so that the view does
// not depend on the order of the roots.
func (n *namespace) add(o *Object, root string) {
	n.objects = append(n.objects, o)
	slices.SortStableFunc(n.objects, func(a, b *Object) int { return a.Name.Compare(b.Name) })
	n.roots = append(n.roots, root)
	slices.Sort(n.roots)
	n.roots = slices.Compact(n.roots)
}

func (n *namespace) view(c cluster) View {
	object := Object{
		ID:   manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: n.name},
		Name: n.declared, Origin: manifest.Origin{Position: n.declared},
	}
	object.Origin.ID = object.ID
	if len(n.objects) > 0 {
		object = *n.objects[0]
	}
	node, ref := object.node()
	roots := n.roots
	if len(roots) == 0 {
		roots = c.roots()
	}
	facts := facts{}
	facts.set("object", ref)
	facts.set("environment", text(c.name))
	facts.set("rendered", boolean(len(n.objects) > 0))
	facts.set("platform", boolean(platform(n.name)))
	facts.set("workloads", manifest.Of(n.workloads(c)))
	n.coverage(c, &facts)
	facts.set("podSecurity", n.podSecurity(c))
	facts.set("network", c.network.namespaceFacts(c, n.name, roots))
	return View{
		Kind:     schema.ViewNamespace,
		Resource: &manifest.Resource{ID: object.ID, Object: node, Origin: object.Origin},
		Label:    "Namespace " + strconv.Quote(n.name),
		Node:     node.With("facts", facts.node()),
		Roots:    roots,
	}
}

// roots are all roots of the cluster, which a namespace that only the policy
// declares concerns.
func (c cluster) roots() []string {
	var out []string
	for _, d := range c.digests {
		out = append(out, d.Root)
	}
	slices.Sort(out)
	return out
}

func (n *namespace) workloads(c cluster) int {
	count := 0
	for _, d := range c.digests {
		for _, p := range d.Pods {
			if p.ID.Namespace == n.name {
				count++
			}
		}
	}
	return count
}

// coverage adds the facts about guards. Where none is known to reach the
// namespace but one may, the fact is absent.
func (n *namespace) coverage(c cluster, facts *facts) {
	names, state := map[GuardKind][]string{}, map[GuardKind]reach{}
	unbounded := []string{"cpu", "memory"}
	for _, d := range c.digests {
		for _, kind := range d.MayHold {
			state[kind] = max(state[kind], may)
		}
		with, renders := slices.Contains(n.roots, d.Root), len(d.Namespaces) > 0
		for _, g := range d.Guards {
			r := n.reachOf(g, with, renders)
			if r != misses {
				unbounded = slices.DeleteFunc(unbounded, g.bounds)
			}
			for _, kind := range g.Kinds {
				state[kind] = max(state[kind], r)
				if r == reaches {
					names[kind] = append(names[kind], g.ID.Name)
				}
			}
		}
	}
	for _, o := range n.objects {
		if o.Annotations["field.cattle.io/resourceQuota"] != "" {
			unbounded = nil
			state[Quota] = reaches // Rancher makes a quota of it
		}
	}
	facts.set("unbounded", manifest.Of(append([]string{}, unbounded...)))
	for _, f := range []struct {
		kind       GuardKind
		fact, list string
	}{{Quota, "resourceQuota", "quotas"}, {Limits, "limitRange", "limitRanges"}, {Policy, "networkPolicy", "networkPolicies"},
		{Access, "roleBinding", "roleBindings"}} {
		if state[f.kind] != may {
			facts.set(f.fact, boolean(state[f.kind] == reaches))
		}
		slices.Sort(names[f.kind])
		facts.set(f.list, manifest.Of(slices.Compact(names[f.kind])))
	}
}

// bounds tells whether a quota names a resource, its requests or its limits.
func (g Guard) bounds(resource string) bool {
	return slices.ContainsFunc(g.Bounds, func(s string) bool {
		return s == resource || s == "requests."+resource || s == "limits."+resource
	})
}

func (n *namespace) reachOf(g Guard, with, renders bool) reach {
	if len(n.objects) == 0 {
		return g.reachOf(n.name, nil, with, renders)
	}
	best := misses
	for _, o := range n.objects {
		best = max(best, g.reachOf(n.name, o, with, renders))
	}
	return best
}
