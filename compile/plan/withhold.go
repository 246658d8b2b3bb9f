package plan

// Withhold takes a guardrail out of the plan, because its proof failed.
func (p *Plan) Withhold(namespace string, g Guardrail) {
	switch g {
	case RegionIsolation:
		p.Region = nil
	case HostPolicies:
		p.Hosts = nil
	case Legacy:
		p.Legacy = nil
	case NodeGroups:
		p.NodeGroups = nil
	case NodePorts:
		p.NodePorts = nil
	case Images:
		if namespace == "" {
			p.Images = nil
		}
	}
	for _, n := range p.Namespaces {
		if namespace == "" && g == Traffic && len(n.Traffic.networks()) > 0 {
			n.Traffic = nil // a network set that all of them need
		}
		if n.Name != namespace {
			continue
		}
		switch g {
		case Quota:
			n.Quota, n.Priorities = nil, nil
		case LimitRange:
			// The quota counts pods with the defaults of the limit range.
			n.Limits, n.Quota, n.Priorities = nil, nil, nil
		case PodSecurity:
			n.PodSecurity = nil
		case Access:
			n.Roles = nil
		case ServiceAccount:
			n.ServiceAccount = nil
		case Traffic:
			n.Traffic = nil
		case Images:
			n.Images = nil
		case Mesh:
			n.Mesh = nil
		case Projects:
			n.Project = nil
		case Tenants:
			n.Tenant = nil
		}
	}
}
