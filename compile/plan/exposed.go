package plan

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload/admission"
)

// services bounds load balancers to those declared, and node ports to those that
// load balancers need and the policy allows.
func (p *planner) services(n *Namespace, m *quotaMaker) {
	one := *resource.NewQuantity(1, resource.DecimalSI)
	balancers := &Amount{Resource: "services.loadbalancers", Note: "the repository declares none"}
	ports := &Amount{Resource: "services.nodeports", Note: "no node port is declared: traffic comes in through Ingress, Gateway or load balancers"}
	var open []*manifest.Resource
	for _, r := range n.Of("", "Service") {
		usage := admission.Service(r.Object.Get("spec"))
		who := "Service/" + r.ID.Name
		from := []inventory.Field{{Resource: r, Path: manifest.Path("spec", "type")}}
		if q, ok := usage["services.loadbalancers"]; ok {
			balancers.Terms, balancers.Note = append(balancers.Terms, Term{Who: who, Count: q.Value(), Each: one, Why: "type LoadBalancer", From: from}), ""
		}
		q, ok := usage["services.nodeports"]
		if !ok || q.IsZero() {
			continue
		}
		ports.Note = ""
		why := "behind a load balancer"
		if r.Object.Get("spec", "type").Str() == "NodePort" {
			open = append(open, r)
			why = "type NodePort, allowed by policy"
		}
		ports.Terms = append(ports.Terms, Term{Who: who, Count: q.Value(), Each: one, Why: why, From: from})
	}
	balancers.Value = balancers.count()
	ports.Value = ports.count()
	m.amounts[balancers.Resource] = balancers
	if allowed := n.Policy.NodePorts; allowed != nil {
		ports.Value, ports.Note = *resource.NewQuantity(*allowed, resource.DecimalSI), "by policy"
		ports.Terms = nil
	} else if len(open) > 0 {
		r := open[0]
		p.ask(Question{
			Namespace: n.Name, Guardrail: Quota, Open: true,
			Text:     fmt.Sprintf("that %s may open node ports on every node, as its type NodePort does", r.ID),
			Answer:   fmt.Sprintf("policy: namespaces: %q: nodePorts: %s", n.Name, ports.Value.String()),
			Position: inventory.Field{Resource: r, Path: manifest.Path("spec", "type")}.Position(),
		})
		return
	}
	m.amounts[ports.Resource] = ports
}

// count is the sum as a whole number.
func (a Amount) count() resource.Quantity {
	total := a.sum()
	return *resource.NewQuantity(total.Value(), resource.DecimalSI)
}
