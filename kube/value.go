package kube

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secgen/secgen/manifest"
)

// judge says what is wanted in the place of a value, "" where it is valid.
type judge func(*manifest.Node) string

// place is a field of a type.
type place struct{ in, field string }

// value judges the value of a known field of the right type.
func (c *checker) value(t *typ, parent *manifest.Node, f *manifest.Field) {
	switch key := (place{t.name, f.Key}); {
	case key == place{"ObjectMeta", "name"} && len(c.path) == 2:
		c.valid(c.nameJudge(), f.Value)
	case key == place{"ObjectMeta", "namespace"}:
		c.valid(optionalDNSLabel, f.Value)
	case key == place{"ObjectMeta", "annotations"}:
		c.keys(f.Value, nil)
	case key == place{"ObjectMeta", "labels"}, key == place{"LabelSelector", "matchLabels"}, key == place{"PodSpec", "nodeSelector"},
		key == place{"ServiceSpec", "selector"}, key == place{"ReplicationControllerSpec", "selector"}:
		c.keys(f.Value, labelValue)
	case t.name == "LabelSelectorRequirement" && f.Key == "values":
		c.each(labelValue, f.Value)
	case t.name == "ResourceRequirements" && f.Key != "claims":
		c.amounts(f.Value)
	case t.name == "Secret" && f.Key == "data", t.name == "ConfigMap" && f.Key == "binaryData":
		c.encoded(f.Value)
	default:
		if check := values[key]; check != nil {
			if f.Value.Kind == manifest.List {
				c.each(check, f.Value)
			} else {
				c.valid(check, f.Value)
			}
		}
	}
}

// valid adds a problem where a value is not what is wanted.
func (c *checker) valid(check judge, n *manifest.Node) {
	if check == nil || filledLater(n) {
		return
	}
	if want := check(n); want != "" {
		c.add(Problem{Fault: Invalid, Found: show(n.Text), Want: want})
	}
}

func (c *checker) each(check judge, items *manifest.Node) {
	for i, item := range items.Elems() {
		c.path = append(c.path, manifest.Step{Index: i, IsIndex: true})
		c.valid(check, item)
		c.path = c.path[:len(c.path)-1]
	}
}

// keys judges the keys of labels or annotations, and their values.
func (c *checker) keys(entries *manifest.Node, value judge) {
	if entries.Kind != manifest.Map {
		return
	}
	for _, f := range entries.Fields {
		if strings.ContainsAny(f.Key, "${") {
			continue
		}
		c.path = append(c.path, manifest.Step{Key: f.Key})
		key := &manifest.Node{Kind: manifest.String, Text: f.Key}
		if value == nil { // annotations may have capitals in their prefix
			key.Text = strings.ToLower(f.Key)
		}
		if want := qualifiedName(key); want != "" {
			c.add(Problem{Fault: Invalid, Found: "the key " + show(f.Key), Want: want})
		} else if f.Value.Kind == manifest.String {
			c.valid(value, f.Value)
		}
		c.path = c.path[:len(c.path)-1]
	}
}

// amounts judges what a container asks for, which is never negative.
func (c *checker) amounts(entries *manifest.Node) {
	for _, f := range entries.Fields {
		c.path = append(c.path, manifest.Step{Key: f.Key})
		c.valid(isAmount, f.Value)
		c.path = c.path[:len(c.path)-1]
	}
}

// encoded judges base64, whose text is never told.
func (c *checker) encoded(entries *manifest.Node) {
	for _, f := range entries.Fields {
		if filledLater(f.Value) || f.Value.Kind != manifest.String {
			continue
		}
		if _, err := base64.StdEncoding.DecodeString(f.Value.Text); err != nil {
			c.path = append(c.path, manifest.Step{Key: f.Key})
			c.add(Problem{Fault: Invalid, Found: "a value that is not encoded", Want: "base64, or the value under stringData"})
			c.path = c.path[:len(c.path)-1]
		}
	}
}

// nameJudge is what the kind of the object takes as its name.
func (c *checker) nameJudge() judge {
	switch group := c.id.Group(); {
	case group == "" && (c.id.Kind == "Namespace" || c.id.Kind == "Service"):
		return dnsLabel
	case group == "rbac.authorization.k8s.io", group == "certificates.k8s.io", c.id.Kind == "IPAddress":
		return pathSegment
	}
	return dnsName
}

const most = 60

// show quotes a value for a message.
func show(text string) string {
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "..."
	}
	return strconv.Quote(text)
}

// simple tells in a few nanoseconds that a text is a DNS label, as most names,
// labels and keys are; apimachinery's regular expressions judge the others.
func simple(text string) bool {
	if text == "" || len(text) > 63 || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// validPrefix tells that the prefix of a key is made of simple labels.
func validPrefix(prefix string) bool {
	if len(prefix) > 253 {
		return false
	}
	for label := range strings.SplitSeq(prefix, ".") {
		if !simple(label) {
			return false
		}
	}
	return true
}

func isQuantity(n *manifest.Node) string {
	if _, err := resource.ParseQuantity(n.Text); err != nil {
		return "a quantity such as 500m, 2 or 1.5Gi"
	}
	return ""
}

func isAmount(n *manifest.Node) string {
	if q, err := resource.ParseQuantity(n.Text); err == nil && q.Sign() < 0 {
		return "a quantity that is not negative"
	}
	return ""
}

func dnsLabel(n *manifest.Node) string {
	if !simple(n.Text) && len(validation.IsDNS1123Label(n.Text)) > 0 {
		return "a DNS label: lower-case letters, digits and -, at most 63 characters, no - at either end"
	}
	return ""
}

func dnsName(n *manifest.Node) string {
	if !simple(n.Text) && len(validation.IsDNS1123Subdomain(n.Text)) > 0 {
		return "a DNS name: lower-case letters, digits, - and ., at most 253 characters, a letter or digit at either end"
	}
	return ""
}

func pathSegment(n *manifest.Node) string {
	if n.Text == "." || n.Text == ".." || strings.ContainsAny(n.Text, "/%") {
		return "a name without / and %"
	}
	return ""
}

func hostName(n *manifest.Node) string {
	if n.Text == "" || len(validation.IsDNS1123Subdomain(n.Text)) == 0 || len(validation.IsWildcardDNS1123Subdomain(n.Text)) == 0 {
		return ""
	}
	return "a host name such as shop.example.com or *.example.com, without port and path"
}

func qualifiedName(n *manifest.Node) string {
	if _, name, found := strings.Cut(n.Text, "/"); found && simple(name) && validPrefix(n.Text[:len(n.Text)-len(name)-1]) || simple(n.Text) {
		return ""
	}
	if len(validation.IsQualifiedName(n.Text)) > 0 {
		return "a key such as app or example.com/app, with at most 63 letters, digits, -, _ and . after the /"
	}
	return ""
}

func labelValue(n *manifest.Node) string {
	if !simple(n.Text) && len(validation.IsValidLabelValue(n.Text)) > 0 {
		return "at most 63 letters, digits, -, _ and ., a letter or digit at either end"
	}
	return ""
}

func portNumber(n *manifest.Node) string {
	if port, ok := n.Int(); !ok || len(validation.IsValidPortNum(int(port))) > 0 {
		return "a port from 1 to 65535"
	}
	return ""
}

func portName(n *manifest.Node) string {
	if len(validation.IsValidPortName(n.Text)) > 0 {
		return "a port name: at most 15 lower-case letters, digits and -, with a letter"
	}
	return ""
}

func port(n *manifest.Node) string {
	if n.Kind != manifest.String {
		return portNumber(n)
	}
	if portName(n) != "" {
		return "a port from 1 to 65535, unquoted, or a port name of at most 15 lower-case letters, digits and -"
	}
	return ""
}

func ipAddress(n *manifest.Node) string {
	if _, err := netip.ParseAddr(n.Text); err != nil {
		return "an IP address"
	}
	return ""
}

// cidr accepts set host bits, as the API server does in old fields.
func cidr(n *manifest.Node) string {
	if _, err := netip.ParsePrefix(n.Text); err != nil {
		return "a CIDR such as 10.0.0.0/8"
	}
	return ""
}

// paddedCIDR accepts blanks around it, as the field's validation does.
func paddedCIDR(n *manifest.Node) string {
	return cidr(&manifest.Node{Text: strings.TrimSpace(n.Text)})
}

func variableName(n *manifest.Node) string {
	if len(validation.IsRelaxedEnvVarName(n.Text)) > 0 {
		return "the name of a variable: printable ASCII characters without ="
	}
	return ""
}

// oneOf accepts these texts only; "" is what is not set.
func oneOf(texts ...string) judge {
	return func(n *manifest.Node) string {
		if n.Text == "" {
			return ""
		}
		for _, t := range texts {
			if n.Text == t {
				return ""
			}
		}
		return strings.Join(texts, " or ")
	}
}

// unless accepts the zero value, which stands for what is not set.
func unless(zero string, check judge) judge {
	return func(n *manifest.Node) string {
		if n.Text == zero {
			return ""
		}
		return check(n)
	}
}

// targetPort takes 0 for the port itself.
func targetPort(n *manifest.Node) string {
	if n.Text == "0" || n.Text == "" {
		return ""
	}
	return port(n)
}
