package view

// Policies counts the network policies of the root and what belongs to them, host
// endpoints and network sets: what the views of flaws are about. It is 0 where
// Env.Network was not set.
func (d Digest) Policies() int {
	n := 0
	for _, r := range d.Network {
		if belongsToPolicies(r.ID) {
			n++
		}
	}
	return n
}
