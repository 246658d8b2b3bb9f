package plan

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
	"github.com/secgen/secgen/workload/admission"
)

// Limits is a LimitRange: items in the order Container, Pod,
// PersistentVolumeClaim, with the reasons of their numbers.
type Limits struct {
	Items []LimitItem
	// Applied are all limits that hold in the namespace, the repository's own
	// included.
	Applied []admission.Limit
}

// LimitItem is one item with its reasons, by field ("defaultRequest.cpu").
type LimitItem struct {
	admission.Limit
	Why map[string]string
}

// requestsByDefault are given to containers that set none. They are what a small
// service needs; a policy overrides them.
var requestsByDefault = map[string]string{"cpu": "100m", "memory": "128Mi"}

// limits plans the LimitRange of a namespace.
func (p *planner) limits(n *Namespace) error {
	existing, err := existingLimits(n)
	if err != nil {
		p.note(n.Name, LimitRange, "%s: no limit range is planned beside one that cannot be read", err)
		return nil
	}
	l := &Limits{Applied: existing}
	container, err := containerLimits(n, existing)
	if err != nil {
		return err
	}
	l.add(container)
	if why := n.unseen(); why == "" {
		l.add(podBounds(n, existing))
		l.add(claimBounds(n, existing))
	} else {
		p.note(n.Name, LimitRange, "has no maximum: %s", why)
	}
	n.Limits = l
	if len(l.Items) == 0 {
		p.note(n.Name, LimitRange, "is complete in the repository")
	}
	return nil
}

func (l *Limits) add(item LimitItem) {
	if len(item.Min)+len(item.Max)+len(item.Default)+len(item.DefaultRequest) == 0 {
		return
	}
	l.Items = append(l.Items, item)
	l.Applied = append(l.Applied, item.Limit)
}

// existingLimits are the repository's own limit ranges of the namespace.
func existingLimits(n *Namespace) ([]admission.Limit, error) {
	var out []admission.Limit
	for _, r := range n.Of("", "LimitRange") {
		items, err := admission.ReadLimits(r)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// containerLimits gives a default request to what sets none. A default limit, and
// a maximum, from which one would follow, come only where they change no
// container of the repository or where the policy asks for them.
func containerLimits(n *Namespace, existing []admission.Limit) (LimitItem, error) {
	item := LimitItem{Limit: admission.Limit{Type: "Container"}, Why: map[string]string{}}
	requests, err := policyQuantities(n, "defaultRequests", n.Policy.DefaultRequests)
	if err != nil {
		return item, err
	}
	limits, err := policyQuantities(n, "defaultLimits", n.Policy.DefaultLimits)
	if err != nil {
		return item, err
	}
	for _, name := range []string{"cpu", "memory"} {
		if defaulted(existing, name) {
			continue
		}
		seen := limitsOf(n, name)
		if q, ok := limits[name]; ok {
			item.set("default", &item.Default, name, q, "by policy")
		} else if seen.all && n.unseen() == "" {
			item.set("default", &item.Default, name, seen.largest, "the largest that a container sets; all set one: "+seen.who)
			most := readable(name, seen.largest, 1.5)
			item.set("max", &item.Max, name, most, fmt.Sprintf("1.5 x the largest limit of a container, %s of %s, rounded up", seen.largest.String(), seen.who))
		}
		q, ok := requests[name]
		why := "by policy"
		if !ok {
			q, why = resource.MustParse(requestsByDefault[name]), "for containers that set none; "+missing(n, name)
		}
		if most, ok := item.Default[name]; ok && most.Cmp(q) < 0 {
			q, why = most, "no more than the default limit"
		}
		item.set("defaultRequest", &item.DefaultRequest, name, q, why)
	}
	return item, nil
}

func (i *LimitItem) set(field string, into *admission.Quantities, name string, q resource.Quantity, why string) {
	if *into == nil {
		*into = admission.Quantities{}
	}
	(*into)[name] = q
	i.Why[field+"."+name] = why
}

// defaulted tells whether a limit range of the repository has a default for the
// resource already.
func defaulted(existing []admission.Limit, name string) bool {
	return slices.ContainsFunc(existing, func(l admission.Limit) bool {
		_, request := l.DefaultRequest[name]
		_, limit := l.Default[name]
		return l.Type == "Container" && (request || limit)
	})
}

// seenLimits is what the containers of a namespace say about a limit.
type seenLimits struct {
	// all tells whether every container sets one, and there is one.
	all     bool
	largest resource.Quantity
	who     string
}

func limitsOf(n *Namespace, name string) seenLimits {
	s := seenLimits{all: len(n.Workloads) > 0}
	for _, w := range n.Workloads {
		for _, c := range w.Pod.Containers() {
			q, ok := workload.Quantity(workload.ResourcesOf(c.Node.Get("resources")).Limits[name])
			if !ok {
				s.all = s.all && c.Kind == workload.Ephemeral
				continue
			}
			if s.largest.Cmp(q) < 0 {
				s.largest, s.who = q, c.Kind.Noun()+" "+c.Name()+" of "+w.Key()
			}
		}
	}
	s.all = s.all && !s.largest.IsZero()
	return s
}

// missing names the first container that sets no request, or says that none does.
func missing(n *Namespace, name string) string {
	for _, w := range n.Workloads {
		for _, c := range w.Pod.Containers() {
			if c.Kind != workload.Ephemeral && workload.ResourcesOf(c.Node.Get("resources")).Requests[name] == nil {
				return "such as " + c.Kind.Noun() + " " + c.Name() + " of " + w.Key()
			}
		}
	}
	if len(n.Workloads) == 0 {
		return noWorkload
	}
	return "all of the repository do"
}

// podBounds bounds pods where all containers set limits.
func podBounds(n *Namespace, existing []admission.Limit) LimitItem {
	item := LimitItem{Limit: admission.Limit{Type: "Pod"}, Why: map[string]string{}}
	if slices.ContainsFunc(existing, func(l admission.Limit) bool { return l.Type == "Pod" }) {
		return item
	}
	for _, name := range []string{"cpu", "memory"} {
		if !limitsOf(n, name).all {
			continue
		}
		var largest resource.Quantity
		who := ""
		for _, w := range n.Workloads {
			usage, complete := admission.Usage(w.Pod)
			if !complete {
				return LimitItem{}
			}
			if q := usage["limits."+name]; largest.Cmp(q) < 0 {
				largest, who = q, w.Key()
			}
		}
		item.set("max", &item.Max, name, readable(name, largest, 1.5), fmt.Sprintf("1.5 x the largest pod, %s of %s, rounded up", largest.String(), who))
	}
	return item
}

// claimBounds bounds volume claims where the repository makes some.
func claimBounds(n *Namespace, existing []admission.Limit) LimitItem {
	item := LimitItem{Limit: admission.Limit{Type: "PersistentVolumeClaim"}, Why: map[string]string{}}
	if slices.ContainsFunc(existing, func(l admission.Limit) bool { return l.Type == "PersistentVolumeClaim" }) {
		return item
	}
	var largest resource.Quantity
	who := ""
	for _, c := range Claims(n.Namespace) {
		q, ok := workload.Quantity(c.Spec.Get("resources", "requests", "storage"))
		if !ok {
			return LimitItem{}
		}
		if largest.Cmp(q) < 0 {
			largest, who = q, c.Who
		}
	}
	if !largest.IsZero() {
		item.set("max", &item.Max, "storage", readable("storage", largest, 2), fmt.Sprintf("2 x the largest claim, %s of %s, rounded up", largest.String(), who))
	}
	return item
}

// policyQuantities reads quantities of the policy.
func policyQuantities(n *Namespace, field string, m map[string]string) (admission.Quantities, error) {
	out := admission.Quantities{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		q, ok := workload.Quantity(manifest.Of(m[name]))
		if !ok {
			return nil, fmt.Errorf("secgen.cue: policy.namespaces.%s.%s.%s is %q; want a quantity such as 500m or 1Gi", n.Name, field, name, m[name])
		}
		out[name] = q
	}
	return out, nil
}
