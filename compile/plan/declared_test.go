package plan_test

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Labels that are mistyped are an error that names what is there.
func TestDeclaredTrafficOfNobodyNamesTheWorkloads(t *testing.T) {
	resources := compiletest.Resources(t, "r.yaml", `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x}]}}}
`)
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	inv, err := inventory.New([]inventory.Root{{Path: "r", Resources: resources}}, inventory.Facts{}, table)
	if err != nil {
		t.Fatal(err)
	}
	traffic := []schema.Traffic{{Labels: map[string]string{"app": "wbe"}, Peer: schema.Peer{Namespace: "shop"}}}
	_, err = plan.New(plan.Input{Inventory: inv, Policy: &schema.Policy{Namespaces: map[string]schema.NamespacePolicy{"shop": {Egress: traffic}}}})
	want := "policy.namespaces.shop.egress: labels app=wbe select no rendered workload of the namespace, which has Deployment/web with app=web"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
