package admission

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Resources whose requests a quota names without a prefix too.
var compute = []string{"cpu", "memory", "ephemeral-storage"}

// LimitCounts tells whether a quota that names the limit bounds anything: of an
// extended resource it counts requests only.
func LimitCounts(name string) bool {
	rest, ok := strings.CutPrefix(name, "limits.")
	return ok && slices.Contains(compute, rest)
}

// Usage is what a quota counts for one pod whose defaults are filled in.
// complete is false where a quantity is invalid or not resolved.
func Usage(p workload.Pod) (usage Quantities, complete bool) {
	d := p.Demand()
	usage = Quantities{"pods": *resource.NewQuantity(1, resource.DecimalSI), "count/pods": *resource.NewQuantity(1, resource.DecimalSI)}
	for name, q := range d.Requests {
		usage["requests."+string(name)] = q
		if slices.Contains(compute, string(name)) {
			usage[string(name)] = q
		}
	}
	for name, q := range d.Limits {
		usage["limits."+string(name)] = q
	}
	return usage, d.Complete
}

// Missing names the containers that must set a resource because a quota names it
// and do not. hard are the quota's resource names.
func Missing(p workload.Pod, hard []string) []string {
	var out []string
	for _, c := range p.Containers() {
		for _, what := range MissingIn(p, c, hard) {
			out = append(out, c.Kind.Noun()+" "+c.Name()+" sets no "+what)
		}
	}
	return out
}

// MissingIn is what one container of a pod must set because a quota names it, and
// does not: requests.cpu.
func MissingIn(p workload.Pod, c workload.Container, hard []string) []string {
	if c.Kind == workload.Ephemeral || !p.Spec.Get("resources").IsNull() {
		return nil // pod-level resources satisfy the quota
	}
	set := workload.ResourcesOf(c.Node.Get("resources"))
	var out []string
	for _, name := range hard {
		asks, key := demanded(name)
		where := set.Requests
		if asks == "limits" {
			where = set.Limits
		}
		if what := asks + "." + key; key != "" && where[key] == nil && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	return out
}

// demanded is what a container has to set because a quota names a resource: only
// cpu, memory and ephemeral-storage are demanded.
func demanded(hard string) (asks, name string) {
	asks = "requests"
	name = hard
	if rest, ok := strings.CutPrefix(hard, "limits."); ok {
		asks, name = "limits", rest
	} else if rest, ok := strings.CutPrefix(hard, "requests."); ok {
		name = rest
	}
	if !slices.Contains(compute, name) {
		return "", ""
	}
	return asks, name
}

// Claim is what a quota counts for one volume claim, by its spec.
func Claim(spec *manifest.Node) (usage Quantities, ok bool) {
	size, ok := workload.Quantity(spec.Get("resources", "requests", "storage"))
	if !ok {
		return nil, false
	}
	one := *resource.NewQuantity(1, resource.DecimalSI)
	usage = Quantities{"persistentvolumeclaims": one, "count/persistentvolumeclaims": one, "requests.storage": size}
	if class := spec.Get("storageClassName").Str(); class != "" {
		usage[class+ClassStorage], usage[class+ClassClaims] = size, one
	}
	return usage, true
}

// Suffixes of the resources that a quota counts by storage class.
const (
	ClassStorage = ".storageclass.storage.k8s.io/requests.storage"
	ClassClaims  = ".storageclass.storage.k8s.io/persistentvolumeclaims"
)

// Service is what a quota counts for one Service.
func Service(spec *manifest.Node) Quantities {
	count := func(n int) resource.Quantity { return *resource.NewQuantity(int64(n), resource.DecimalSI) }
	usage := Quantities{"services": count(1), "count/services": count(1)}
	ports := spec.Get("ports").Elems()
	switch spec.Get("type").Str() {
	case "NodePort":
		usage["services.nodeports"] = count(len(ports))
	case "LoadBalancer":
		usage["services.loadbalancers"] = count(1)
		allocated := 0
		allocate, said := spec.Get("allocateLoadBalancerNodePorts").Bool()
		for _, p := range ports {
			if !said || allocate || p.Has("nodePort") {
				allocated++
			}
		}
		usage["services.nodeports"] = count(allocated)
	}
	return usage
}

// Add adds n times the amounts of q.
func (total Quantities) Add(q Quantities, n int64) {
	for name, amount := range q {
		sum := total[name]
		amount = amount.DeepCopy()
		amount.Mul(n)
		sum.Add(amount)
		total[name] = sum
	}
}

// Names are the resource names, sorted.
func (total Quantities) Names() []string { return slices.Sorted(maps.Keys(total)) }

func fromList(list corev1.ResourceList) Quantities {
	out := Quantities{}
	for name, q := range list {
		out[string(name)] = q
	}
	return out
}
