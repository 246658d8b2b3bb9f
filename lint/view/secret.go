package view

import (
	"encoding/base64"
	"regexp"
	"slices"
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
			if public(object, f.Key) || !confidential(f.Value.Str(), block == "data") {
				continue
			}
			if len(keys) == 0 {
				plain = from(f.Value, isTrue)
			}
			keys = append(keys, from(f.Value, text(f.Key)))
		}
	}
	facts := facts{}
	facts.set("encrypted", boolean(object.Get("sops") != nil))
	facts.set("plain", plain)
	facts.set("keys", manifest.Of(keys))
	return facts.node()
}

// publicKeys matches the names of entries that usually stand beside a credential
// and are none.
var publicKeys = regexp.MustCompile(`(?i)(^|[^a-z])(user|username|user_?name|host|hostname|port|database|db|db_?name|sslmode)$`)

// argoKeys are entries of Argo CD's repository and cluster Secrets that are no
// credentials.
var argoKeys = []string{"type", "url", "name", "project", "server", "insecure", "enableLfs", "enableOCI", "proxy", "namespaces"}

// public tells whether an entry is no secret by its name.
func public(object *manifest.Node, key string) bool {
	if object.Get("metadata", "labels", "argocd.argoproj.io/secret-type") != nil && slices.Contains(argoKeys, key) {
		return true
	}
	return publicKeys.MatchString(key)
}

// placeholder matches values that somebody is to replace before use.
var placeholder = regexp.MustCompile(`(?i)^(<.*>|x{3,}|[*]+|placeholder|your[-_ ].*|(insert|replace)[-_ ].*|replaceme|[-_]+)$`)

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
	case placeholder.MatchString(value):
		return false
	case strings.Contains(value, "-----BEGIN PRIVATE"), strings.Contains(value, " PRIVATE KEY-----"):
		return true
	case strings.HasPrefix(value, "-----BEGIN CERTIFICATE-----"), strings.HasPrefix(value, "-----BEGIN PUBLIC KEY-----"):
		return false
	}
	return true
}
