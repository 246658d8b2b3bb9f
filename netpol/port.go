package netpol

import "fmt"

// Port is one kind of connection: a protocol with a destination port, or with
// an ICMP type and code.
type Port struct {
	// Protocol is the IP protocol number.
	Protocol uint8
	// Number is the destination port of TCP, UDP and SCTP.
	Number uint16
	// Name of a container port; the destination says which number it has.
	// It is used where Number is 0.
	Name string
	// Type and Code of ICMP and ICMPv6.
	Type, Code uint8
	// Source is the port of the client, 0 where it is not known. Rules that ask
	// for a source port then match perhaps.
	Source uint16
}

// TCP is a TCP connection to a port.
func TCP(number uint16) Port { return Port{Protocol: ProtoTCP, Number: number} }

// UDP is a UDP datagram to a port.
func UDP(number uint16) Port { return Port{Protocol: ProtoUDP, Number: number} }

// SCTP is an SCTP association to a port.
func SCTP(number uint16) Port { return Port{Protocol: ProtoSCTP, Number: number} }

// ICMP is an ICMP message (IPv4); echo request is type 8, code 0.
func ICMP(kind, code uint8) Port { return Port{Protocol: ProtoICMP, Type: kind, Code: code} }

func (p Port) isICMP() bool { return p.Protocol == ProtoICMP || p.Protocol == ProtoICMPv6 }

func (p Port) hasPorts() bool {
	return p.Protocol == ProtoTCP || p.Protocol == ProtoUDP || p.Protocol == ProtoSCTP
}

func (p Port) number() uint16 {
	if p.isICMP() {
		return uint16(p.Type)<<8 | uint16(p.Code)
	}
	return p.Number
}

func (p Port) String() string {
	switch {
	case p.isICMP():
		return fmt.Sprintf("%s type %d code %d", protoName(p.Protocol), p.Type, p.Code)
	case p.hasPorts() && p.Number == 0 && p.Name != "":
		return fmt.Sprintf("%s %q", protoName(p.Protocol), p.Name)
	case p.hasPorts():
		return fmt.Sprintf("%s %d", protoName(p.Protocol), p.Number)
	}
	return protoName(p.Protocol)
}
