package starter

import (
	"maps"
	"math"
	"slices"

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
		for _, u := range workloads.Unlisted(r, math.MaxInt) {
			kind, at := UnknownKind{Group: r.ID.Group(), Kind: r.ID.Kind, Template: u.Template}, u.Containers.Pos
			if old, seen := unknown[kind]; u.Listable && (!seen || at.Compare(old) < 0) {
				unknown[kind] = at
			}
		}
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
