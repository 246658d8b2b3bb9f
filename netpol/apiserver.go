package netpol

// FromAPIServer says whether the API server may reach a port of a pod, such as an
// admission webhook's. Where it stands is not known unless Options.APIServers says
// so: it may be a node, or any address outside, and then the answer is certain only
// if all of them agree.
func (c *Cluster) FromAPIServer(pod *Endpoint, port Port) Outcome {
	v := newEvaluator(c)
	port = port.resolve(pod)
	servers := AddrsOf(c.opt.APIServers...)
	result, asked := Unknown, false
	for _, from := range c.endpoints {
		switch {
		case from.Kind != External && from.Kind != Node:
			continue
		case servers.Empty() && (from.idle || from.Kind == External && c.familyOf(from, pod) != c.opt.Family):
			continue
		case !servers.Empty() && (from.Kind == Node || servers.Intersect(from.Addrs).Empty()):
			continue
		}
		o := outcomeOf(v.pair(from, pod), port)
		if asked && o != result {
			return Unknown
		}
		result, asked = o, true
	}
	return result
}

func outcomeOf(s *side, p Port) Outcome {
	switch {
	case !s.allow.Has(p):
		return Denied
	case !s.deny.Has(p):
		return Allowed
	}
	return Unknown
}
