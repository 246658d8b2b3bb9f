// Package dataset holds the addresses and ports that a provider's clusters need,
// as dated data sets that a policy picks by name; none is ever a default.
//
// It promises to be what its source says on its date, which a test holds against
// the source where that is at hand. It does not know what holds today.
package dataset

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed data
var data embed.FS

// Set is one data set.
type Set struct {
	// Name is what a policy calls it: iks-2026-06-16.
	Name string `yaml:"-"`
	// Date is the day on which Source said so, as YYYY-MM-DD.
	Date   string `yaml:"date"`
	Source string `yaml:"source"`
	// Sets says what each set of addresses is, by name.
	Sets map[string]string `yaml:"sets"`
	// Policies are the same in every region.
	Policies []Policy `yaml:"policies"`
	// Regions have the CIDRs of each set; a set that a region lacks is empty.
	Regions map[string]map[string][]string `yaml:"regions"`
}

// Policy is what the nodes or pods of a cluster may do on one of its networks.
type Policy struct {
	Name string `yaml:"name"`
	Why  string `yaml:"why"`
	// Network is "public" or "private".
	Network string `yaml:"network"`
	// Namespace of a policy for pods of it; "" for a global one.
	Namespace string `yaml:"namespace"`
	// Only is "kubernetes" or "openshift" where the policy is not for both.
	Only string `yaml:"only"`
	// Optional policies open the provider's further services.
	Optional bool `yaml:"optional"`
	Order    int  `yaml:"order"`
	// Selector is in Calico's language.
	Selector string   `yaml:"selector"`
	Types    []string `yaml:"types"`
	Ingress  []Rule   `yaml:"ingress"`
	Egress   []Rule   `yaml:"egress"`
}

// Rule is one rule. Its other side is one of Set, Pods, Nets, NotNets and the
// selectors, or anybody.
type Rule struct {
	// Action is "Deny", or "" for Allow.
	Action string `yaml:"action"`
	// Protocol is a name or a number; nil is any.
	Protocol any `yaml:"protocol"`
	// Ports are numbers and ranges ("20000:32767").
	Ports []any  `yaml:"ports"`
	Set   string `yaml:"set"`
	// Pods stands for the network that the cluster's pods are in.
	Pods              bool     `yaml:"pods"`
	Nets              []string `yaml:"nets"`
	NotNets           []string `yaml:"notNets"`
	Selector          string   `yaml:"selector"`
	NamespaceSelector string   `yaml:"namespaceSelector"`
	// From selects, among the policy's own pods, those that the rule is for.
	From string `yaml:"from"`
}

// Names lists the data sets.
func Names() []string {
	entries, err := fs.ReadDir(data, "data")
	if err != nil {
		panic(fmt.Sprintf("the embedded data sets cannot be listed: %v", err)) // only a broken build
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Load reads a data set. An error names those that there are, or what is wrong
// with the data.
func Load(name string) (*Set, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no data set %q; want one of %s", name, strings.Join(Names(), ", "))
	}
	text, err := data.ReadFile("data/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	s := &Set{Name: name}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	return s, s.check()
}

// Region is the CIDRs of a region's sets. An error names the regions.
func (s *Set) Region(name string) (map[string][]string, error) {
	r, ok := s.Regions[name]
	if !ok {
		return nil, fmt.Errorf("data set %s has no region %q; want one of %s", s.Name, name, strings.Join(slices.Sorted(maps.Keys(s.Regions)), ", "))
	}
	return r, nil
}

// check finds sets that nobody describes and addresses that are none.
func (s *Set) check() error {
	for region, sets := range s.Regions {
		for set, nets := range sets {
			if s.Sets[set] == "" {
				return fmt.Errorf("data set %s: region %s has a set %q that is not described", s.Name, region, set)
			}
			for _, text := range nets {
				if p, err := netip.ParsePrefix(text); err != nil || p != p.Masked() {
					return fmt.Errorf("data set %s: region %s, set %s: %q is no CIDR", s.Name, region, set, text)
				}
			}
		}
	}
	for _, p := range s.Policies {
		for _, r := range append(slices.Clone(p.Ingress), p.Egress...) {
			if r.Set != "" && s.Sets[r.Set] == "" {
				return fmt.Errorf("data set %s: policy %s names a set %q that is not described", s.Name, p.Name, r.Set)
			}
		}
	}
	return nil
}
