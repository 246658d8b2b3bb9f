package plan

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// text is something that a container reads: an argument, a variable, a line of a
// configuration.
type text struct {
	// name is what the value is called: a variable, a key, a flag; "" for none.
	name  string
	value string
	at    inventory.Field
	// single says that the value is one setting, not a document of many lines.
	single bool
	// joined says that the value is several arguments, of which each was read alone
	// already: only what needs two of them counts.
	joined bool
	// flag says that the value is a flag's, whose whole argument was read already.
	flag bool
	// unresolved says that the value held a variable.
	unresolved bool
	// secret is the Secret that holds the value, which is never printed.
	secret *manifest.Resource
}

// reading collects what the containers of a workload read.
type reading struct {
	*tracing
	ns    *inventory.Namespace
	w     *inventory.Workload
	texts []text
}

// reads are what the containers of a workload read. What they read and nobody
// renders becomes a doubt.
func (t *tracing) reads(ns *inventory.Namespace, w *inventory.Workload) []text {
	r := &reading{tracing: t, ns: ns, w: w}
	for _, c := range w.Pod.Containers() {
		vars := map[string]string{}
		for i, e := range c.Node.Get("env").Elems() {
			name, path := e.Get("name").Str(), c.Path.Field("env").At(i)
			value := expanded(e.Get("value").Str(), vars)
			r.add(text{name: name, value: value, at: r.here(path.Field("value")), single: true})
			vars[name] = value
			for _, kind := range []string{"configMap", "secret"} {
				ref := e.Get("valueFrom", kind+"KeyRef")
				if ref == nil {
					continue
				}
				found := r.read(reference{kind: kindOf(kind), name: ref.Get("name").Str(), keys: []string{ref.Get("key").Str()}, as: name,
					optional: isTrue(ref.Get("optional")), at: r.here(path.Field("valueFrom", kind+"KeyRef"))})
				if len(found) == 1 && kind == "configMap" {
					vars[name] = found[0]
				}
			}
		}
		for i, e := range c.Node.Get("envFrom").Elems() {
			for _, kind := range []string{"configMap", "secret"} {
				if ref := e.Get(kind + "Ref"); ref != nil {
					r.read(reference{kind: kindOf(kind), name: ref.Get("name").Str(), optional: isTrue(ref.Get("optional")),
						at: r.here(c.Path.Field("envFrom").At(i).Field(kind + "Ref"))})
				}
			}
		}
		for _, key := range []string{"command", "args"} {
			r.arguments(c.Node.Get(key), c.Path.Field(key), vars)
		}
	}
	r.volumes()
	return r.texts
}

func (r *reading) add(x text) { r.texts = append(r.texts, x) }

func (r *reading) here(path manifest.FieldPath) inventory.Field {
	return inventory.Field{Resource: r.w.Resource, Path: path}
}

// arguments reads a command line: each argument, the value of each flag, and all
// of them together, since a host and its port may be two: nc -z redis 6379.
func (r *reading) arguments(list *manifest.Node, path manifest.FieldPath, vars map[string]string) {
	var all []string
	flag := ""
	for i, item := range list.Elems() {
		value := expanded(item.Str(), vars)
		all = append(all, value)
		r.add(text{value: value, at: r.here(path.At(i)), single: true})
		name, rest, assigned := strings.Cut(value, "=")
		switch {
		case strings.HasPrefix(value, "-") && assigned:
			r.add(text{name: name, value: rest, at: r.here(path.At(i)), single: true, flag: true})
			flag = ""
		case strings.HasPrefix(value, "-"):
			flag = value
		default:
			if flag != "" {
				r.add(text{name: flag, value: value, at: r.here(path.At(i)), single: true, flag: true})
			}
			flag = ""
		}
	}
	if len(all) > 1 {
		r.add(text{value: strings.Join(all, " "), at: r.here(path), joined: true})
	}
}

func (r *reading) volumes() {
	volumes := r.w.Pod.Path.Field("spec", "volumes")
	for i, v := range r.w.Pod.Spec.Get("volumes").Elems() {
		sources := []*manifest.Node{v}
		sources = append(sources, v.Get("projected", "sources").Elems()...)
		for _, s := range sources {
			for kind, name := range map[string]string{"configMap": "name", "secret": "secretName"} {
				ref := s.Get(kind)
				if ref == nil {
					continue
				}
				of := reference{kind: kindOf(kind), name: ref.Get(name).Str(), optional: isTrue(ref.Get("optional")), file: true, at: r.here(volumes.At(i))}
				if of.name == "" {
					of.name = ref.Get("name").Str() // a projected Secret's
				}
				for _, item := range ref.Get("items").Elems() {
					of.keys = append(of.keys, item.Get("key").Str())
				}
				r.read(of)
			}
		}
	}
}

func kindOf(source string) string {
	if source == "secret" {
		return "Secret"
	}
	return "ConfigMap"
}

func isTrue(n *manifest.Node) bool {
	value, _ := n.Bool()
	return value
}

// reference is a ConfigMap or Secret, or some keys of it, that a pod reads.
type reference struct {
	kind, name string
	// keys are those that are read; none means all.
	keys []string
	// as is the variable that takes the value.
	as             string
	optional, file bool
	at             inventory.Field
}

// read takes in the texts of a reference, or doubts, and returns the values.
func (r *reading) read(of reference) []string {
	for _, object := range r.ns.Of("", of.kind) {
		if object.ID.Name == of.name {
			return r.data(object, of)
		}
	}
	r.missing(of)
	return nil
}

// data reads the values of a rendered ConfigMap or Secret.
func (r *reading) data(object *manifest.Resource, of reference) []string {
	var out []string
	for _, part := range []string{"data", "stringData"} {
		node := object.Object.Get(part)
		if node == nil {
			continue
		}
		for _, f := range node.Fields {
			if len(of.keys) > 0 && !slices.Contains(of.keys, f.Key) {
				continue
			}
			x := text{name: f.Key, value: f.Value.Str(), at: field(object, part, f.Key)}
			if of.kind == "Secret" {
				x.secret = object
				if strings.HasPrefix(x.value, "ENC[") { // by sops
					of := of
					of.keys = []string{f.Key}
					r.missing(of)
					continue
				}
				if part == "data" {
					plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(x.value))
					if err != nil {
						continue // the API server refuses it
					}
					x.value = string(plain)
				}
			}
			x.single = !strings.Contains(strings.TrimSpace(x.value), "\n")
			out = append(out, x.value)
			r.add(x)
		}
	}
	return out
}

// missing doubts that all traffic is declared, since a pod reads what nobody
// renders: unless that holds no address for sure.
func (r *reading) missing(of reference) {
	if of.name == "" || r.harmless(of) {
		return
	}
	kind := unread
	if of.optional {
		kind = unreadOptional
	}
	r.doubt(r.ns.Name, doubt{kind: kind, item: of.kind + "/" + of.name, by: r.w.Resource.ID.String(), at: of.at})
}

// published are ConfigMaps that something puts into every namespace, and that hold
// certificates.
var published = []string{"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"}

// harmless tells whether what is read holds no address: certificates, keys,
// passwords. Of a Secret that another object makes, that object tells the keys.
func (r *reading) harmless(of reference) bool {
	keys := of.keys
	if of.kind == "ConfigMap" && (slices.Contains(published, of.name) || r.makes("trust.cert-manager.io", "Bundle", of.name)) {
		return true
	}
	if of.kind == "Secret" {
		made, names := r.maker(of.name)
		if made {
			return true
		}
		if len(keys) == 0 {
			keys = names
		}
	}
	switch {
	case addressed(of.as):
		return false
	case len(keys) == 0:
		return of.kind == "Secret" && of.file && credential(of.name)
	}
	return credential(of.as) || !slices.ContainsFunc(keys, func(key string) bool { return !credential(key) })
}

// maker tells what the objects that make Secrets say of one: that it holds a
// certificate, or the names of its keys.
func (r *reading) maker(secret string) (certificate bool, keys []string) {
	for _, o := range r.ns.Objects {
		spec := o.Object.Get("spec")
		switch o.ID.Group() + "/" + o.ID.Kind {
		case "cert-manager.io/Certificate":
			if spec.Get("secretName").Str() == secret {
				return true, nil
			}
		case "bitnami.com/SealedSecret":
			if encrypted := spec.Get("encryptedData"); o.ID.Name == secret && encrypted != nil {
				for _, f := range encrypted.Fields {
					keys = append(keys, f.Key)
				}
			}
		case "external-secrets.io/ExternalSecret":
			if cmp.Or(spec.Get("target", "name").Str(), o.ID.Name) == secret && spec.Get("dataFrom") == nil {
				for _, d := range spec.Get("data").Elems() {
					keys = append(keys, d.Get("secretKey").Str())
				}
			}
		}
	}
	return false, keys
}

// makes tells whether an object of a kind has the name, in the namespace or
// outside of all.
func (r *reading) makes(group, kind, name string) bool {
	return slices.ContainsFunc(r.Inventory.Of(group, kind), func(o *manifest.Resource) bool { return o.ID.Name == name })
}

// credentialWords are words that name a credential, a certificate or an account;
// addressWords are last words of what names where something is.
var (
	credentialWords = []string{
		"apikey", "auth", "ca", "cert", "certificate", "certs", "credential", "credentials", "creds", "crt", "dockerconfigjson", "htpasswd",
		"jks", "jwt", "key", "keys", "keystore", "license", "p12", "passphrase", "passwd", "password", "pem", "pfx", "pub", "pwd",
		"salt", "secret", "ssh", "tls", "token", "tokens", "truststore", "user", "username",
	}
	addressWords = []string{
		"addr", "address", "addresses", "backend", "broker", "brokers", "connection", "dsn", "endpoint", "endpoints", "host", "hosts",
		"server", "servers", "service", "upstream", "uri", "url", "urls",
	}
)

// credential tells whether a name promises a credential and no address.
func credential(name string) bool {
	return !addressed(name) && slices.ContainsFunc(wordsOf(name), func(word string) bool { return slices.Contains(credentialWords, word) })
}

// addressed tells whether a name promises an address: DATABASE_URL does,
// SERVER_CERT does not.
func addressed(name string) bool { return called(name, addressWords...) }

// called tells whether the last word of a name is one of those.
func called(name string, words ...string) bool {
	parts := wordsOf(name)
	return len(parts) > 0 && slices.Contains(words, parts[len(parts)-1])
}

// wordsOf splits DATABASE_URL, databaseUrl and database-url into database and url.
func wordsOf(name string) []string {
	var b strings.Builder
	lower := false
	for _, c := range name {
		upper := c >= 'A' && c <= 'Z'
		if upper && lower {
			b.WriteByte(' ')
		}
		lower = c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !upper && !lower {
			c = ' '
		}
		b.WriteRune(c)
	}
	return strings.Fields(strings.ToLower(b.String()))
}

// expanded is a value with the $(NAME) filled in that were set before it.
func expanded(value string, vars map[string]string) string {
	if !strings.Contains(value, "$(") {
		return value
	}
	var pairs []string
	for _, name := range sortedKeys(vars) {
		pairs = append(pairs, fmt.Sprintf("$(%s)", name), vars[name])
	}
	return strings.NewReplacer(pairs...).Replace(value)
}
