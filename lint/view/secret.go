package view

import (
	"encoding/base64"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// secretFacts tells which values of a Secret stand in the repository as they are.
// Only names of keys go into facts, never values.
func secretFacts(object *manifest.Node) *manifest.Node {
	keys := []*manifest.Node{}
	plain := isFalse
	for _, block := range []string{"data", "stringData"} {
		values := object.Get(block)
		if values == nil || values.Kind != manifest.Map {
			continue
		}
		for _, f := range values.Fields {
			if !confidential(f.Value.Str(), block == "data") {
				continue
			}
			place := &manifest.Node{Pos: f.KeyPos}
			if f.KeyPos.IsZero() {
				place.Pos = f.Value.Pos
			}
			if len(keys) == 0 {
				plain = from(place, isTrue)
			}
			keys = append(keys, from(place, text(f.Key)))
		}
	}
	facts := facts{}
	facts.set("encrypted", boolean(object.Get("sops") != nil))
	facts.set("plain", plain)
	facts.set("keys", manifest.Of(keys))
	return facts.node()
}

// confidential tells whether a value is there and is neither encrypted, nor a
// reference that something else resolves, nor public by its nature.
func confidential(value string, encoded bool) bool {
	if encoded {
		if decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value)); err == nil {
			value = string(decoded)
		}
	}
	value = strings.TrimSpace(value)
	switch {
	case value == "", strings.HasPrefix(value, "ENC["), manifest.Unresolved(value):
		return false
	case strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">"):
		return false // a placeholder, such as Argo CD's vault plugin fills
	case strings.Contains(value, "-----BEGIN PRIVATE"), strings.Contains(value, " PRIVATE KEY-----"):
		return true
	case strings.HasPrefix(value, "-----BEGIN CERTIFICATE-----"), strings.HasPrefix(value, "-----BEGIN PUBLIC KEY-----"):
		return false
	}
	return true
}
