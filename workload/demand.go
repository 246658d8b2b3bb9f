package workload

import (
	corev1 "k8s.io/api/core/v1"
	helper "k8s.io/component-helpers/resource"

	"github.com/secgen/secgen/manifest"
)

// Demand is what the scheduler and a quota count for one pod.
type Demand struct {
	Requests, Limits corev1.ResourceList
	// Complete is false where a quantity is invalid or unresolved: the sums are
	// then too small.
	Complete bool
}

// Demand computes the sum over the pod's containers, the largest init container,
// sidecars, pod-level resources and overhead, as Kubernetes itself does it
// (k8s.io/component-helpers/resource).
func (p Pod) Demand() Demand {
	d := Demand{Complete: true}
	list := func(m map[string]*manifest.Node) corev1.ResourceList {
		out, complete := quantities(m)
		d.Complete = d.Complete && complete
		return out
	}
	requirements := func(n *manifest.Node) corev1.ResourceRequirements {
		r := ResourcesOf(n)
		return corev1.ResourceRequirements{Requests: list(r.Requests), Limits: list(r.Limits)}
	}
	var pod corev1.Pod
	always := corev1.ContainerRestartPolicyAlways
	for _, c := range p.Containers() {
		container := corev1.Container{Name: c.Name(), Resources: requirements(c.Node.Get("resources"))}
		switch c.Kind {
		case Main:
			pod.Spec.Containers = append(pod.Spec.Containers, container)
		case Sidecar:
			container.RestartPolicy = &always
			fallthrough
		case Init:
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, container)
		case Ephemeral: // may not ask for resources
		}
	}
	if own := p.Spec.Get("resources"); !own.IsNull() {
		r := requirements(own)
		pod.Spec.Resources = &r
	}
	overhead := make(map[string]*manifest.Node)
	for _, f := range entries(p.Spec.Get("overhead")) {
		overhead[f.Key] = f.Value
	}
	pod.Spec.Overhead = list(overhead)
	d.Requests = helper.PodRequests(&pod, helper.PodResourcesOptions{})
	d.Limits = helper.PodLimits(&pod, helper.PodResourcesOptions{})
	return d
}
