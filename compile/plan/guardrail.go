package plan

// Guardrail names one thing that compile makes for a namespace or a cluster, and
// that is withheld as a whole.
type Guardrail string

// The guardrails.
const (
	Quota          Guardrail = "resource quota"
	LimitRange     Guardrail = "limit range"
	PodSecurity    Guardrail = "pod security labels"
	Access         Guardrail = "access of the owners"
	ServiceAccount Guardrail = "default service account"
	Traffic        Guardrail = "traffic"

	NodePorts Guardrail = "node ports"
	Images    Guardrail = "images"
	Mesh      Guardrail = "mutual TLS"
	Projects  Guardrail = "Argo CD project"
	Tenants   Guardrail = "Flux tenant"

	Audit           Guardrail = "audit policy"
	HostPolicies    Guardrail = "policies of the nodes"
	Legacy          Guardrail = "migration of legacy documents"
	NodeGroups      Guardrail = "node groups"
	RegionIsolation Guardrail = "isolation of the workers"
)
