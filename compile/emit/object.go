package emit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// object starts an object that secgen owns.
func object(apiVersion, kind, namespace, name string, rest ...any) *manifest.Node {
	return labelled(apiVersion, kind, namespace, name, nil, nil, rest...)
}

// labelled is object with further labels and annotations.
func labelled(apiVersion, kind, namespace, name string, labels, annotations map[string]string, rest ...any) *manifest.Node {
	all := map[string]string{inventory.ManagedBy: inventory.Secgen}
	for key, value := range labels {
		all[key] = value
	}
	metadata := []any{"name", name}
	if namespace != "" {
		metadata = append(metadata, "namespace", namespace)
	}
	metadata = append(metadata, "labels", all)
	if len(annotations) > 0 {
		metadata = append(metadata, "annotations", annotations)
	}
	return fields(append([]any{"apiVersion", apiVersion, "kind", kind, "metadata", fields(metadata...)}, rest...)...)
}

// fields makes a map of keys and values in the order given.
func fields(pairs ...any) *manifest.Node {
	n := &manifest.Node{Kind: manifest.Map}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Fields = append(n.Fields, manifest.Field{Key: pairs[i].(string), Value: manifest.Of(pairs[i+1])})
	}
	return n
}

// nameLength leaves room in a DNS-1123 subdomain for what others append.
const nameLength = 200

// dashed makes an object's name of parts, without dots, which Calico keeps for
// tiers. Where the parts do not survive as they are, a hash of them keeps two
// names apart.
func dashed(parts ...string) string {
	plain := strings.Join(parts, "-")
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(plain))
	name = strings.Trim(name[:min(len(name), nameLength)], "-")
	if name != plain {
		sum := sha256.Sum256([]byte(plain))
		name += "-" + hex.EncodeToString(sum[:4])
	}
	return name
}
