// Package netpol says what Kubernetes and Calico network policies mean: who may
// talk to whom, on which protocols and ports, and which rule decides. It is
// pure: resources in, answers out, no cluster, no clock, no randomness.
//
// # Model
//
// Endpoints are the pods of a workload (one endpoint a workload, since its pods
// have the same labels), an unlabelled stranger in every namespace, host
// endpoints, and the addresses outside. Addresses outside are cut into finitely
// many classes, so that no policy tells two addresses of a class apart.
//
// A connection has a source, a destination, an IP protocol and, for TCP, UDP
// and SCTP, a destination port, for ICMP a type and a code. Sets of connections
// are exact (Conns): union, intersection and difference lose nothing.
//
// A policy set is a list of tiers, each an ordered list of policies, each an
// ordered list of rules. Kubernetes policies stand in Calico's tier "default" at
// order 1000, each of their peers and ports an Allow, as Calico converts them
// (libcalico-go/lib/backend/k8s/conversion). A connection is allowed if the
// source's egress and the destination's ingress allow it. On each side the tiers
// are walked in order: a tier in which no policy applies to the endpoint and
// direction is skipped; the first rule that matches decides (Log never does, Pass
// goes to the next tier); where none matches, the tier's default action, which
// is Deny unless it says Pass; after the last tier the profiles, which allow for
// pods and deny for host endpoints (felix/rules/endpoints.go).
//
// # What is not known
//
// Every match is yes, no or maybe. Maybe comes from an unresolved ${VAR}, a
// namespace that is not among the resources and so has unknown labels, a pod
// address that a CIDR may or may not contain, a source port, an HTTP match, a
// service without selector, an object that the API server would refuse, a kind
// that this package does not understand (AdminNetworkPolicy and its kin, tiers
// that are not declared). What may be both allowed and denied is Unknown, with
// the reasons; nothing is silently open.
//
// # What it does not know
//
// Two pods of one workload count as different pods: a pod always reaches itself
// whatever the policies say. NAT is not simulated: services are judged by the
// pods behind them, preDNAT policies by the address and port before translation.
// Traffic between pods on different nodes is not judged by the applyOnForward
// policies of host endpoints, since whether it crosses one depends on the
// encapsulation. Host endpoints among the resources are taken to cover every
// node. The rules of Profile objects are not read: a host endpoint that names one
// is unknown. What a node does with traffic from its own pods (Felix's
// DefaultEndpointToHostAction) is not looked at. A resource without a namespace is
// in an unnamed one of its own. Layer 7, DNS names and eBPF's deviations are not
// modelled.
package netpol
