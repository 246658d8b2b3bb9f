package workload

import "github.com/secgen/secgen/manifest"

// Pod is a pod, or the template of one, inside an object.
type Pod struct {
	// Path leads from the object to the map that holds metadata and spec; empty
	// for a Pod.
	Path manifest.FieldPath
	// Metadata may be nil; Spec is a map.
	Metadata, Spec *manifest.Node
}

// OS is what spec.os.name says: "linux", "windows" or, where it says nothing, "".
// Pod Security admission exempts Windows pods by this field alone.
func (p Pod) OS() string { return p.Spec.Get("os", "name").Str() }

// NodeOS is the operating system of the nodes that the pod can land on, by its
// os field or its node selector; "" where neither says.
func (p Pod) NodeOS() string {
	if os := p.OS(); os != "" {
		return os
	}
	selector := p.Spec.Get("nodeSelector")
	if os := selector.Get("kubernetes.io/os").Str(); os != "" {
		return os
	}
	return selector.Get("beta.kubernetes.io/os").Str()
}

// ServiceAccount is the name of the account that the pod runs as, "default"
// where it names none.
func (p Pod) ServiceAccount() string {
	for _, key := range []string{"serviceAccountName", "serviceAccount"} {
		if name := p.Spec.Get(key).Str(); name != "" {
			return name
		}
	}
	return "default"
}

// ContainerKind tells the containers of a pod apart.
type ContainerKind string

// The kinds of containers. A sidecar is an init container that is restarted
// always, and so runs beside the others.
const (
	Main      ContainerKind = "container"
	Init      ContainerKind = "init"
	Sidecar   ContainerKind = "sidecar"
	Ephemeral ContainerKind = "ephemeral"
)

// Noun names the kind in a sentence.
func (k ContainerKind) Noun() string {
	switch k {
	case Init:
		return "init container"
	case Sidecar:
		return "sidecar container"
	case Ephemeral:
		return "ephemeral container"
	}
	return "container"
}

// Container is one container of a pod.
type Container struct {
	Kind ContainerKind
	// Path leads from the object to the container.
	Path manifest.FieldPath
	Node *manifest.Node
}

// Name is the container's name, "" where it has none.
func (c Container) Name() string { return c.Node.Get("name").Str() }

// Containers returns all containers of a pod: init containers and sidecars, then
// containers, then ephemeral ones, each in the order of the source. Items that
// are no maps are left out.
func (p Pod) Containers() []Container {
	init, main, ephemeral := p.Spec.Get("initContainers"), p.Spec.Get("containers"), p.Spec.Get("ephemeralContainers")
	out := make([]Container, 0, len(init.Elems())+len(main.Elems())+len(ephemeral.Elems()))
	add := func(list *manifest.Node, key string, kind ContainerKind) {
		for i, item := range list.Elems() {
			if item == nil || item.Kind != manifest.Map {
				continue
			}
			c := Container{Kind: kind, Path: p.Path.Field("spec", key).At(i), Node: item}
			if kind == Init && item.Get("restartPolicy").Str() == "Always" {
				c.Kind = Sidecar
			}
			out = append(out, c)
		}
	}
	add(init, "initContainers", Init)
	add(main, "containers", Main)
	add(ephemeral, "ephemeralContainers", Ephemeral)
	return out
}
