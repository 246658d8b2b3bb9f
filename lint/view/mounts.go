package view

import (
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// mounts lists what a container mounts of its node or of an NFS server; most
// containers mount neither.
func mounts(p workload.Pod, c workload.Container) *manifest.Node {
	var foreign []*manifest.Node
	for _, v := range p.Spec.Get("volumes").Elems() {
		if v.Has("hostPath") || v.Has("nfs") {
			foreign = append(foreign, v)
		}
	}
	if len(foreign) == 0 {
		return emptyList
	}
	list := &manifest.Node{Kind: manifest.List}
	for _, m := range c.Node.Get("volumeMounts").Elems() {
		for _, v := range foreign {
			if name := m.Get("name").Str(); name == "" || v.Get("name").Str() != name {
				continue
			}
			kind := "hostPath"
			if v.Has("nfs") {
				kind = "nfs"
			}
			readOnly := isFalse
			if set := first(m.Get("readOnly"), v.Get("nfs", "readOnly")); set != nil {
				readOnly = set
			}
			facts := make(facts, 0, 5)
			facts.set("name", m.Get("name"))
			facts.set("kind", text(kind))
			facts.set("path", v.Get(kind, "path"))
			facts.set("mountPath", m.Get("mountPath"))
			facts.set("readOnly", from(m, readOnly))
			list.Items = append(list.Items, facts.nodeFrom(m))
		}
	}
	return list
}
