package starter

import (
	"maps"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Survey is what a worker notices in the resources of one root. It is plain data
// for gob.
type Survey struct {
	// Images are registry/repository of every image reference that is known, sorted,
	// each once.
	Images []string
	// Unknown are kinds that seem to hold a pod template and that no table names.
	Unknown []UnknownKind
}

// UnknownKind is a place in the objects of one kind where something stands that
// looks like a pod template.
type UnknownKind struct {
	Group, Kind string
	// Template is the path to the map with the pod's spec, as workload.Shape has it.
	Template string
	// Position is where the first one is written.
	Position manifest.Position
}

// Of surveys resources. Kinds that the table knows are asked for their images,
// all others are searched for pod templates.
func Of(resources []*manifest.Resource, workloads *workload.Table) Survey {
	images := map[string]bool{}
	unknown := map[UnknownKind]manifest.Position{}
	for _, r := range resources {
		if workloads.Knows(r.ID) {
			for _, pod := range workloads.Pods(r) {
				for _, c := range pod.Containers() {
					// A reference that is invalid or unresolved names no registry.
					if image, err := workload.ParseImage(c.Node.Get("image").Str()); err == nil {
						images[image.Name()] = true
					}
				}
			}
			continue
		}
		templates(r.Object, "", func(path string, at manifest.Position) {
			kind := UnknownKind{Group: r.ID.Group(), Kind: r.ID.Kind, Template: path}
			if old, seen := unknown[kind]; !seen || at.Compare(old) < 0 {
				unknown[kind] = at
			}
		})
	}
	s := Survey{Images: slices.Sorted(maps.Keys(images))}
	for kind, at := range unknown {
		kind.Position = at
		s.Unknown = append(s.Unknown, kind)
	}
	slices.SortFunc(s.Unknown, compareKinds)
	return s
}

func compareKinds(a, b UnknownKind) int {
	return slices.Compare([]string{a.Group, a.Kind, a.Template}, []string{b.Group, b.Kind, b.Template})
}

// templates finds the maps whose spec has containers with images, and names them
// by paths with [*] for every item of a list. Keys that such a path cannot hold are
// not followed.
func templates(n *manifest.Node, path string, found func(string, manifest.Position)) {
	if n == nil {
		return
	}
	for _, item := range n.Items {
		templates(item, path+"[*]", found)
	}
	if containers := n.Get("spec", "containers"); areContainers(containers) {
		found(path, containers.Pos)
		return
	}
	for _, f := range n.Fields {
		if !strings.ContainsAny(f.Key, ".[]*") {
			templates(f.Value, strings.TrimPrefix(path+"."+f.Key, "."), found)
		}
	}
}

// areContainers tells whether a list looks like the containers of a pod: each has
// a name, and some have an image.
func areContainers(n *manifest.Node) bool {
	images := false
	for _, c := range n.Elems() {
		if c.Get("name").Str() == "" {
			return false
		}
		images = images || c.Get("image").Str() != ""
	}
	return images
}
