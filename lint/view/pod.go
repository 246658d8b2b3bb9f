package view

import (
	"strconv"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// kindNames and kindNouns are the facts that tell containers apart.
var kindNames, kindNouns = kindFacts()

func kindFacts() (names, nouns map[workload.ContainerKind]*manifest.Node) {
	names, nouns = map[workload.ContainerKind]*manifest.Node{}, map[workload.ContainerKind]*manifest.Node{}
	for _, kind := range []workload.ContainerKind{workload.Main, workload.Init, workload.Sidecar, workload.Ephemeral} {
		names[kind], nouns[kind] = text(string(kind)), text(kind.Noun())
	}
	return names, nouns
}

// pod adds the view of a pod and those of its containers.
func (b *builder) pod(p workload.Pod) {
	fields := make(facts, 0, 3)
	fields.set("metadata", p.Metadata)
	fields.set("spec", p.Spec)
	fields.set("facts", b.podFacts(p))
	node := fields.node()
	node.Pos = p.Spec.Pos
	if b.env.wants(schema.ViewPod) {
		b.views = append(b.views, View{Kind: schema.ViewPod, Resource: b.resource, Path: p.Path, Label: "pod", Node: node})
	}
	if b.env.wants(schema.ViewComponent) {
		for _, c := range p.Containers() {
			b.control(c)
		}
	}
	if !b.env.wants(schema.ViewContainer) {
		return
	}
	for _, c := range p.Containers() {
		label := c.Kind.Noun() + " " + strconv.Quote(c.Name())
		b.add(schema.ViewContainer, c.Path, label, c.Node, b.containerFacts(p, node, c))
		b.views[len(b.views)-1].Pod = p.Path.Field("spec")
	}
}

func (b *builder) podFacts(p workload.Pod) *manifest.Node {
	spec := p.Spec
	facts := make(facts, 0, 9)
	facts.set("object", b.object)
	facts.set("template", boolean(len(p.Path) > 0))
	facts.set("platform", boolean(platform(b.resource.ID.Namespace)))
	ingress := p.TakesTraffic()
	facts.set("ingress", boolean(ingress))
	facts.set("network", boolean(ingress || p.ServesNetwork()))
	facts.set("nodeLabels", nodeLabels(p))
	facts.set("windows", from(spec.Get("os", "name"), boolean(p.OS() == "windows")))
	facts.set("nodeOS", optional(p.NodeOS()))
	facts.set("serviceAccount", from(spec.Get("serviceAccountName"), text(p.ServiceAccount())))
	return facts.node()
}

func nodeLabels(p workload.Pod) *manifest.Node {
	labels := p.NodeLabels()
	if len(labels) == 0 {
		return emptyList
	}
	return from(first(p.Spec.Get("nodeSelector"), p.Spec.Get("affinity")), manifest.Of(labels))
}

func (b *builder) containerFacts(p workload.Pod, pod *manifest.Node, c workload.Container) *manifest.Node {
	facts := make(facts, 0, 9)
	facts.set("object", b.object)
	facts.set("kind", kindNames[c.Kind])
	facts.set("noun", kindNouns[c.Kind])
	facts.set("pod", pod)
	image, err := workload.ParseImage(c.Node.Get("image").Str())
	facts.set("image", imageFacts(c.Node.Get("image"), image, err))
	facts.set("pullPolicy", pullPolicy(c.Node, image, err))
	facts.set("effective", effectiveFacts(p.Security(c)))
	facts.set("resources", resourceFacts(c.Node.Get("resources"), p.Spec.Get("resources")))
	facts.set("mounts", mounts(p, c))
	return facts.node()
}

var (
	pullAlways       = text("Always")
	pullIfNotPresent = text("IfNotPresent")
)

// pullPolicy is the policy as written or, as the API server defaults it, Always
// for the tag latest; nothing where the image is unknown.
func pullPolicy(container *manifest.Node, image workload.Image, err error) *manifest.Node {
	if set := container.Get("imagePullPolicy"); !set.IsNull() {
		return set
	}
	switch {
	case err != nil:
		return nil
	case image.Tag == "latest":
		return from(container.Get("image"), pullAlways)
	}
	return from(container.Get("image"), pullIfNotPresent)
}

func effectiveFacts(s workload.Security) *manifest.Node {
	facts := make(facts, 0, 13)
	facts.set("privileged", s.Privileged)
	facts.set("allowPrivilegeEscalation", s.AllowPrivilegeEscalation)
	facts.set("readOnlyRootFilesystem", s.ReadOnlyRootFilesystem)
	facts.set("procMount", s.ProcMount)
	facts.set("hostProcess", s.HostProcess)
	facts.set("runAsNonRoot", s.RunAsNonRoot)
	facts.set("runAsUser", s.RunAsUser)
	facts.set("runAsGroup", s.RunAsGroup)
	facts.set("seccompProfile", s.Seccomp)
	facts.set("appArmorProfile", s.AppArmor)
	facts.set("seLinuxOptions", s.SELinux)
	facts.set("capabilitiesAdded", orEmpty(s.CapabilitiesAdded))
	facts.set("capabilitiesDropped", orEmpty(s.CapabilitiesDropped))
	return facts.node()
}

var emptyList = &manifest.Node{Kind: manifest.List}

func orEmpty(list *manifest.Node) *manifest.Node {
	if list == nil {
		return emptyList
	}
	return list
}

func imageFacts(source *manifest.Node, image workload.Image, err error) *manifest.Node {
	if err != nil {
		return facts{{Key: "known", Value: isFalse}}.nodeFrom(source)
	}
	facts := make(facts, 0, 7)
	facts.set("known", isTrue)
	facts.set("registry", textFrom(source, image.Registry))
	facts.set("repository", textFrom(source, image.Repository))
	facts.set("name", textFrom(source, image.Name()))
	facts.set("tagged", boolean(image.Tagged))
	if image.Tag != "" {
		facts.set("tag", textFrom(source, image.Tag))
	}
	if image.Digest != "" {
		facts.set("digest", textFrom(source, image.Digest))
	}
	return facts.nodeFrom(source)
}

// resourceFacts is what a container may use: its own figures, and for a resource
// that it does not name, its pod's.
func resourceFacts(own, pod *manifest.Node) *manifest.Node {
	r := workload.ResourcesOf(own)
	var whole workload.Resources
	if pod != nil {
		whole = workload.ResourcesOf(pod)
	}
	facts := make(facts, 0, 2)
	facts.set("requests", quantities(own.Get("requests"), r.Requests, whole.Requests))
	facts.set("limits", quantities(own.Get("limits"), r.Limits, whole.Limits))
	return facts.node()
}
