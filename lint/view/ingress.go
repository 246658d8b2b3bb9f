package view

import (
	"strings"

	"github.com/secgen/secgen/manifest"
)

// tlsAnnotations give an Ingress its certificate elsewhere than in spec.tls; a
// key that ends in * is a prefix.
var tlsAnnotations = []string{
	"alb.ingress.kubernetes.io/certificate-arn",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/managed-certificates",
	"traefik.ingress.kubernetes.io/router.tls*",
	"route.openshift.io/termination",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"ingress.bluemix.net/ssl-services",
}

// ingress tells what an Ingress serves without TLS.
func (b *builder) ingress() *manifest.Node {
	object := b.resource.Object
	facts := facts{}
	facts.set("object", b.object)
	class := first(object.Get("spec", "ingressClassName"), object.Get("metadata", "annotations", "kubernetes.io/ingress.class"))
	facts.set("class", class)
	plain := plainHosts(object)
	facts.set("tls", isTrue)
	if len(plain) > 0 {
		facts[len(facts)-1].Value = from(plain[0], isFalse)
	}
	facts.set("plainHosts", manifest.Of(plain))
	return facts.node()
}

// plainHosts lists the hosts that no TLS entry covers; "*" stands for a rule, or
// a default backend, for any host.
func plainHosts(object *manifest.Node) []*manifest.Node {
	for _, f := range annotationsOf(object) {
		for _, key := range tlsAnnotations {
			prefix, isPrefix := strings.CutSuffix(key, "*")
			if (f.Key == key || isPrefix && strings.HasPrefix(f.Key, prefix)) && f.Value.Str() != "" && f.Value.Str() != "false" {
				return nil
			}
		}
	}
	spec := object.Get("spec")
	var secured []string
	for _, entry := range spec.Get("tls").Elems() {
		hosts := entry.Get("hosts").Strings()
		if len(hosts) == 0 {
			return nil // the controller's default: every host
		}
		secured = append(secured, hosts...)
	}
	plain := []*manifest.Node{}
	rules := spec.Get("rules").Elems()
	for _, rule := range rules {
		host := rule.Get("host")
		if name := host.Str(); !coveredBy(secured, name) {
			if name == "" {
				plain = append(plain, from(rule, text("*")))
			} else {
				plain = append(plain, host)
			}
		}
	}
	if len(rules) == 0 && len(secured) == 0 {
		plain = append(plain, from(spec, text("*")))
	}
	return plain
}

// coveredBy tells whether a host, or "" for any, is among those with TLS. A
// certificate for *.example.org covers one label more.
func coveredBy(secured []string, host string) bool {
	if host == "" {
		return len(secured) > 0
	}
	for _, s := range secured {
		if s == host {
			return true
		}
		if suffix, wild := strings.CutPrefix(s, "*"); wild && strings.HasSuffix(host, suffix) && !strings.Contains(strings.TrimSuffix(host, suffix), ".") {
			return true
		}
	}
	return false
}

func annotationsOf(object *manifest.Node) []manifest.Field {
	if annotations := object.Get("metadata", "annotations"); annotations != nil {
		return annotations.Fields
	}
	return nil
}
