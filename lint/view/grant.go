package view

import (
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// grants are the service accounts that hold a role, as namespace/name; a name "*"
// stands for all of the namespace, a namespace "*" for all of the cluster.
type grants map[string]bool

func (g grants) to(namespace, name string) bool {
	return g[namespace+"/"+name] || g[namespace+"/*"] || g["*/*"]
}

// grants collects the subjects of all bindings of the cluster.
func (c cluster) grants() grants {
	out := grants{}
	for _, d := range c.digests {
		for _, r := range d.Census {
			for _, s := range r.Object.Get("subjects").Elems() {
				name := s.Get("name").Str()
				namespace, ofNamespace := strings.CutPrefix(name, "system:serviceaccounts:")
				switch kind := s.Get("kind").Str(); {
				case kind == "ServiceAccount":
					namespace := s.Get("namespace").Str()
					if namespace == "" {
						namespace = r.ID.Namespace
					}
					out[namespace+"/"+name] = true
				case kind == "Group" && ofNamespace:
					out[namespace+"/*"] = true
				case kind == "Group" && (name == "system:serviceaccounts" || name == "system:authenticated"):
					out["*/*"] = true
				case kind == "User":
					if account, ok := strings.CutPrefix(name, "system:serviceaccount:"); ok {
						out[strings.Replace(account, ":", "/", 1)] = true
					}
				}
			}
		}
	}
	return out
}

// bindings judges the roles and the service accounts that bindings name.
func (f *references) bindings() {
	roles, accounts := map[string]bool{}, map[string]bool{}
	unread := false
	for _, d := range f.cluster.digests {
		unread = unread || d.Unread
		for _, r := range d.Census {
			switch r.ID.Kind {
			case "Role", "ClusterRole":
				roles[r.ID.Kind+" "+r.ID.Namespace+"/"+r.ID.Name] = true
			case "ServiceAccount":
				accounts[r.ID.Namespace+"/"+r.ID.Name] = true
			}
		}
	}
	for _, d := range f.cluster.digests {
		for _, r := range d.Census {
			if strings.HasSuffix(r.ID.Kind, "Binding") && !manifest.Unresolved(r.ID.Namespace) {
				f.root = d.Root
				f.role(r, roles, unread)
				f.accounts(r, accounts)
			}
		}
	}
	f.root = ""
}

// role judges the roleRef of a binding. A Role is missing only where all that
// makes one in the namespace is rendered; a ClusterRole only where its name is the
// repository's own, since others install theirs.
func (f *references) role(r *manifest.Resource, roles map[string]bool, unread bool) {
	ref := r.Object.Get("roleRef")
	kind, name, namespace := ref.Get("kind").Str(), ref.Get("name").Str(), ""
	if kind == "Role" {
		namespace = r.ID.Namespace
	}
	if name == "" || kind == "" || manifest.Unresolved(name) {
		return
	}
	answer := netpol.Maybe
	switch {
	case roles[kind+" "+namespace+"/"+name] || kind == "Role" && roles[kind+" /"+name]:
		answer = netpol.Yes
	case kind == "ClusterRole" && r.ID.Kind == "RoleBinding" && roles["Role "+r.ID.Namespace+"/"+name] && !unread:
		answer = netpol.No // the Role is meant
	case kind == "Role" && r.ID.Kind == "ClusterRoleBinding":
		answer = netpol.No
	case kind == "Role" && f.cluster.holdsAll(namespace):
		answer = netpol.No
	}
	f.add(r, manifest.Path("roleRef", "name"), namedFacts(kind, name, namespace), answer, netpol.Maybe, nil)
}

// accounts judges the service accounts among the subjects of a binding. "default"
// is in every namespace.
func (f *references) accounts(r *manifest.Resource, accounts map[string]bool) {
	for i, s := range r.Object.Get("subjects").Elems() {
		name, namespace := s.Get("name").Str(), s.Get("namespace").Str()
		if s.Get("kind").Str() != "ServiceAccount" || name == "" || manifest.Unresolved(name) || manifest.Unresolved(namespace) {
			continue
		}
		answer := netpol.Maybe
		switch {
		case name == "default" || accounts[namespace+"/"+name] || accounts["/"+name]:
			answer = netpol.Yes
		case namespace != "" && f.cluster.holdsAll(namespace):
			answer = netpol.No
		}
		f.add(r, manifest.Path("subjects").At(i).Field("name"), namedFacts("ServiceAccount", name, namespace), answer, netpol.Maybe, nil)
	}
}

func namedFacts(kind, name, namespace string) facts {
	to := facts{}
	to.set("kind", text(kind))
	to.set("name", text(name))
	to.set("namespace", optional(namespace))
	return to
}
