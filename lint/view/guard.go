package view

import (
	"bytes"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// GuardKind is what a guard provides to a namespace.
type GuardKind string

// The kinds of guards.
const (
	Quota  GuardKind = "ResourceQuota"
	Limits GuardKind = "LimitRange"
	Policy GuardKind = "NetworkPolicy"
	// Access is what lets somebody work in a namespace.
	Access GuardKind = "RoleBinding"
	// Security is what keeps unsafe pods out beside the labels of Pod Security.
	Security GuardKind = "PodSecurity"
)

// guardKinds lists all kinds of guards.
func guardKinds() []GuardKind { return []GuardKind{Quota, Limits, Policy, Access, Security} }

// Guard is an object that provides something to the namespace that it is in.
type Guard struct {
	ID    manifest.ID
	Kinds []GuardKind
	// Everywhere: it reaches other namespaces in a way that is not computed here, so
	// that nobody knows what they have.
	Everywhere bool
	// Bounds are the resources that a ResourceQuota names.
	Bounds []string
	// Select is the label selector of an OpenShift ClusterResourceQuota, which
	// reaches the namespaces with the labels and the annotations.
	Select      *manifest.Node
	Annotations map[string]string
}

// guardOf reads an object that provides a guard.
func guardOf(r *manifest.Resource) (Guard, bool) {
	g := Guard{ID: r.ID}
	switch r.ID.Group() + "/" + r.ID.Kind {
	case "/ResourceQuota":
		g.Kinds = []GuardKind{Quota}
		if hard := r.Object.Get("spec", "hard"); hard != nil {
			for _, f := range hard.Fields {
				g.Bounds = append(g.Bounds, f.Key)
			}
		}
	case "/LimitRange":
		g.Kinds = []GuardKind{Limits}
	case "networking.k8s.io/NetworkPolicy", "extensions/NetworkPolicy", "cilium.io/CiliumNetworkPolicy",
		"projectcalico.org/NetworkPolicy", "crd.projectcalico.org/NetworkPolicy":
		g.Kinds = []GuardKind{Policy}
	case "projectcalico.org/GlobalNetworkPolicy", "crd.projectcalico.org/GlobalNetworkPolicy",
		"cilium.io/CiliumClusterwideNetworkPolicy", "policy.networking.k8s.io/AdminNetworkPolicy",
		"policy.networking.k8s.io/BaselineAdminNetworkPolicy", "policy.networking.k8s.io/ClusterNetworkPolicy":
		g.Kinds, g.Everywhere = []GuardKind{Policy}, true
	case "rbac.authorization.k8s.io/RoleBinding":
		g.Kinds = []GuardKind{Access}
	case "security.openshift.io/SecurityContextConstraints", "policies.kubewarden.io/ClusterAdmissionPolicy":
		g.Kinds, g.Everywhere = []GuardKind{Security}, true
	case "quota.openshift.io/ClusterResourceQuota":
		spec := r.Object.Get("spec", "selector")
		g.Kinds, g.Bounds = []GuardKind{Quota}, []string{"cpu", "memory"} // not looked into
		g.Select, g.Annotations = spec.Get("labels"), spec.Get("annotations").StringMap()
	case "hnc.x-k8s.io/HierarchicalResourceQuota":
		g.Kinds, g.Everywhere = []GuardKind{Quota}, true
	case "capsule.clastix.io/Tenant", "redhatcop.redhat.io/NamespaceConfig", "redhatcop.redhat.io/GroupConfig",
		"redhatcop.redhat.io/UserConfig", "hnc.x-k8s.io/HierarchyConfiguration", "tenancy.kiosk.sh/AccountQuota":
		g.Kinds, g.Everywhere = guardKinds(), true
	case "kyverno.io/ClusterPolicy", "kyverno.io/Policy":
		g.Kinds, g.Everywhere = append(generatedBy(r.Object), Security), true
	default:
		if r.ID.Group() == "constraints.gatekeeper.sh" {
			g.Kinds, g.Everywhere = []GuardKind{Security}, true
		}
	}
	return g, len(g.Kinds) > 0
}

// generatedBy lists the guards that a Kyverno policy makes in namespaces.
func generatedBy(policy *manifest.Node) []GuardKind {
	var kinds []GuardKind
	for _, rule := range policy.Get("spec", "rules").Elems() {
		generate := rule.Get("generate")
		for _, kind := range guardKinds() {
			if generate.Get("kind").Str() == string(kind) {
				kinds = append(kinds, kind)
			}
		}
		if generate.Get("cloneList") != nil || generate.Get("foreach") != nil {
			return guardKinds()
		}
	}
	return kinds
}

// reach is how a guard concerns a namespace.
type reach int

const (
	misses  reach = iota
	may           // it may land there, or reach there
	reaches       // it is there
)

// reachOf tells whether a guard provides for a namespace. with says whether both
// come from one root, renders whether the guard's root renders any Namespace: an
// object without a namespace belongs to one of those, or to one that somebody
// else names.
func (g Guard) reachOf(namespace string, object *Object, with, renders bool) reach {
	switch {
	case g.Select != nil || g.Annotations != nil:
		return g.selects(object)
	case g.Everywhere:
		return may
	case g.ID.Namespace == namespace:
		return reaches
	case g.ID.Namespace == "" && (with || !renders):
		return may
	case manifest.Unresolved(g.ID.Namespace):
		return may
	}
	return misses
}

func (g Guard) selects(namespace *Object) reach {
	if namespace == nil {
		return may
	}
	for key, want := range g.Annotations {
		if namespace.Annotations[key] != want {
			return misses
		}
	}
	if g.Select == nil {
		return reaches
	}
	selector, err := workload.LabelSelector(g.Select)
	if err != nil {
		return may
	}
	if selector.Matches(labels.Set(namespace.Labels)) {
		return reaches
	}
	return misses
}

// GuardsIn tells which kinds of guards a file of unknown structure holds objects
// of, as far as its text says so.
func GuardsIn(data []byte) []GuardKind {
	held := map[GuardKind]bool{}
	key := []byte("kind")
	for at := 0; ; {
		i := bytes.Index(data[at:], key)
		if i < 0 {
			break
		}
		at += i + len(key)
		if before := at - len(key) - 1; before >= 0 && isWord(data[before]) {
			continue
		}
		name := kindAt(data[at:])
		for _, kind := range guardKinds() {
			// Other kinds of policies end in NetworkPolicy.
			if bytes.HasSuffix(name, []byte(kind)) {
				held[kind] = true
			}
		}
	}
	var out []GuardKind
	for _, kind := range guardKinds() {
		if held[kind] {
			out = append(out, kind)
		}
	}
	return out
}

// kindAt is the word that follows the key "kind" in YAML or JSON, with quotes or
// without; empty where none does.
func kindAt(text []byte) []byte {
	unquoted := func(text []byte) []byte {
		if len(text) > 0 && (text[0] == '"' || text[0] == '\'') {
			return text[1:]
		}
		return text
	}
	value, ok := bytes.CutPrefix(bytes.TrimLeft(unquoted(text), " \t"), []byte(":"))
	if !ok {
		return nil
	}
	value = unquoted(bytes.TrimLeft(value, " \t"))
	end := 0
	for end < len(value) && isWord(value[end]) {
		end++
	}
	return value[:end]
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_'
}

// UnreadDigest is the digest of a root that could not be rendered. held are the
// kinds of guards that its files hold (GuardsIn): of these nobody knows which
// namespaces they reach.
func UnreadDigest(root string, held ...GuardKind) Digest {
	d := Digest{Root: root, Unread: true}
	for _, kind := range guardKinds() {
		if slices.Contains(held, kind) {
			d.MayHold = append(d.MayHold, kind)
		}
	}
	return d
}
