package view

import (
	"slices"
	"testing"
)

func TestGuardsIn(t *testing.T) {
	for text, want := range map[string][]GuardKind{
		"kind: ResourceQuota\n":                                               {Quota},
		"a: 1\nkind: LimitRange # of the team":                                {Limits},
		`{"apiVersion": "v1", "kind": "ResourceQuota"}`:                       {Quota},
		"{kind: 'RoleBinding'}":                                               {Access},
		"'kind' :\tResourceQuota":                                             {Quota},
		"kind: GlobalNetworkPolicy":                                           {Policy},
		"kind: ClusterRoleBinding":                                            {Access},
		"kind: Deployment\n---\nkind: LimitRange\n---\nkind: ResourceQuota\n": {Quota, Limits},
		"kind: Deployment # not a ResourceQuota":                              nil,
		"kind: ResourceQuotaList":                                             nil,
		"mankind: ResourceQuota":                                              nil,
		"kindest: ResourceQuota":                                              nil,
		"kind ResourceQuota":                                                  nil,
		"kind:":                                                               nil,
		"kind":                                                                nil,
		"":                                                                    nil,
	} {
		if got := GuardsIn([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
