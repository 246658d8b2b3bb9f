package manifest

import (
	"cmp"
	"slices"
	"strings"
)

// ID identifies a Kubernetes object. Namespace is empty where the manifest
// names none: the object is then in an unknown namespace, not in "default".
type ID struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

// Group is the API group: "" for the core group.
func (id ID) Group() string {
	group, _, found := strings.Cut(id.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Version is the API version without its group.
func (id ID) Version() string {
	return id.APIVersion[strings.IndexByte(id.APIVersion, '/')+1:]
}

// String is Kind namespace/name, or Kind name.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// Compare orders identities by namespace, kind, name and API version.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		cmp.Compare(id.Namespace, other.Namespace),
		cmp.Compare(id.Kind, other.Kind),
		cmp.Compare(id.Name, other.Name),
		cmp.Compare(id.APIVersion, other.APIVersion))
}

// OfControlPlane tells whether objects of an API group are files that components
// of the control plane and the nodes read (encryption and admission
// configurations, audit policies, kubelet, kube-proxy and kubeadm configurations).
// They need no name, and no cluster serves them.
func OfControlPlane(group string) bool {
	switch group {
	case "apiserver.config.k8s.io", "audit.k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io", "kubeproxy.config.k8s.io":
		return true
	}
	return false
}

// Resource is one rendered Kubernetes object.
type Resource struct {
	ID ID
	// Object is the whole object, a map.
	Object *Node
	// Origin is where the object was written, before any overlay changed it.
	Origin Origin
	// Removed are fields that the origin has and an overlay took away, those in a
	// removed map included.
	Removed []Removal
}

// Removal is a field that an overlay took away from an object.
type Removal struct {
	// Path is where the field would stand in the rendered object.
	Path FieldPath
	// Position is the line that took it away: a null, a $patch directive or the
	// remove operation of a JSON patch.
	Position Position
}

// Locate returns the position to show for a path of the object: where the value
// stands; for a missing field, what took it away, or else the key of its nearest
// present parent; and the resource's origin, marked approximate, where it is not
// known who set the value or that parent.
func (r *Resource) Locate(path FieldPath) (Position, []Related) {
	found, depth := r.Object.nearest(path)
	if depth < len(path) {
		// The last removal counts.
		for _, removed := range slices.Backward(r.Removed) {
			if len(removed.Path) > depth && len(removed.Path) <= len(path) && slices.Equal(removed.Path, path[:len(removed.Path)]) {
				return removed.Position, nil
			}
		}
	}
	if found == nil || found.Pos.IsZero() {
		pos := r.Origin.Position
		pos.Approximate = true
		return pos, nil
	}
	return r.Object.Locate(path)
}

// TakenAway returns the line that took away the value at a path, if one did.
func (r *Resource) TakenAway(path FieldPath) (Position, bool) {
	for _, removed := range slices.Backward(r.Removed) {
		if slices.Equal(removed.Path, path) && r.Object.Lookup(path) == nil {
			return removed.Position, true
		}
	}
	return Position{}, false
}

// Origin is the source of a resource: the document (or generator entry) that
// brought it in, with the identity that it has there, so without kustomize's
// prefixes, suffixes, hashes and namespaces.
type Origin struct {
	Position Position
	ID       ID
}

// IDOf reads the identity of an object.
func IDOf(object *Node) ID {
	return ID{
		APIVersion: object.Get("apiVersion").Str(),
		Kind:       object.Get("kind").Str(),
		Namespace:  object.Get("metadata", "namespace").Str(),
		Name:       object.Get("metadata", "name").Str(),
	}
}
