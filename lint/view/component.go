package view

import (
	"path"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// components are the programs of the control plane, with the section of kubeadm's
// ClusterConfiguration that has their flags.
var components = []struct{ name, section string }{
	{"kube-apiserver", "apiServer"},
	{"kube-controller-manager", "controllerManager"},
	{"kube-scheduler", "scheduler"},
	{"etcd", "etcd.local"},
}

// kubeadm makes a view of each component that a ClusterConfiguration sets up.
func (b *builder) kubeadm() {
	object := b.resource.Object
	for _, c := range components {
		at := manifest.Path(strings.Split(c.section, ".")...)
		if c.name == "etcd" && object.Lookup(at) == nil {
			continue // etcd is elsewhere, or has kubeadm's defaults
		}
		at = at.Field("extraArgs")
		b.component(at, c.name, true, extraArgs(object.Lookup(at)))
	}
}

// extraArgs reads both forms of kubeadm: a map up to v1beta3, a list of name and
// value since v1beta4.
func extraArgs(n *manifest.Node) facts {
	if n == nil {
		return nil
	}
	flags := facts{}
	for _, f := range n.Fields {
		flags.set(f.Key, from(&manifest.Node{Pos: placeOf(f)}, text(f.Value.Text)))
	}
	for _, item := range n.Elems() {
		if name := item.Get("name").Str(); name != "" {
			value := ""
			if v := item.Get("value"); v != nil {
				value = v.Text
			}
			flags.flag(name, from(item, text(value)))
		}
	}
	return flags
}

func placeOf(f manifest.Field) manifest.Position {
	if f.KeyPos.IsZero() {
		return f.Value.Pos
	}
	return f.KeyPos.Through(f.Value.Pos)
}

// flag sets a flag; the last one on a command line wins.
func (f *facts) flag(name string, value *manifest.Node) {
	for i := range *f {
		if (*f)[i].Key == name {
			(*f)[i].Value = value
			return
		}
	}
	f.set(name, value)
}

// control makes a view of a container that runs a component of the control plane
// of this cluster: as kubeadm and most installers lay it out, in kube-system.
func (b *builder) control(c workload.Container) {
	if b.resource.ID.Namespace != "kube-system" {
		return
	}
	argv := append(append([]*manifest.Node{}, c.Node.Get("command").Elems()...), c.Node.Get("args").Elems()...)
	if len(argv) == 0 {
		return
	}
	program := path.Base(argv[0].Str())
	for _, known := range components {
		if program == known.name {
			b.component(c.Path, known.name, false, flagsOf(argv[1:]))
		}
	}
}

// flagsOf reads --name=value, --name value and --name.
func flagsOf(argv []*manifest.Node) facts {
	flags := facts{}
	for i, arg := range argv {
		if !strings.HasPrefix(arg.Str(), "--") {
			continue
		}
		name, value, isSet := strings.Cut(strings.TrimPrefix(arg.Str(), "--"), "=")
		if !isSet {
			value = "true"
			if i+1 < len(argv) && !strings.HasPrefix(argv[i+1].Str(), "-") {
				value = argv[i+1].Str()
			}
		}
		flags.flag(name, from(arg, text(value)))
	}
	return flags
}

func (b *builder) component(at manifest.FieldPath, name string, kubeadm bool, flags facts) {
	known := make(facts, 0, len(flags))
	for _, f := range flags {
		if !manifest.Unresolved(f.Value.Text) {
			known = append(known, f)
		}
	}
	all := facts{}
	all.set("object", b.object)
	all.set("name", text(name))
	all.set("kubeadm", boolean(kubeadm))
	all.set("variables", boolean(len(known) < len(flags)))
	all.set("flags", known.node())
	b.views = append(b.views, View{Kind: schema.ViewComponent, Resource: b.resource, Path: at, Label: name,
		Node: (&manifest.Node{Kind: manifest.Map}).With("facts", all.node())})
}
