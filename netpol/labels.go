package netpol

import (
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Labels that Calico adds to what it protects, and the prefixes under which pods
// inherit those of their namespace and service account
// (libcalico-go/lib/backend/k8s/conversion, constants.go).
const (
	labelNamespace      = "projectcalico.org/namespace"
	labelOrchestrator   = "projectcalico.org/orchestrator"
	labelServiceAccount = "projectcalico.org/serviceaccount"
	labelName           = "projectcalico.org/name"
	labelMetadataName   = "kubernetes.io/metadata.name"
	namespacePrefix     = "pcns."
	accountPrefix       = "pcsa."
)

// labels are what a selector sees of an endpoint. Some are known to be unknown.
type labels struct {
	own map[string]string
	// fixed labels win over all others.
	fixed map[string]string
	// namespace and account give the inherited labels; nil where there are none.
	namespace, account *inherited
	// open keys are set by a controller to values that are not in the manifest.
	open map[string]bool
	// wild says that any own label may be there: the labels stand for any pod.
	wild bool
	// anywhere says that the namespace is not known either.
	anywhere bool
}

// inherited are the labels of a namespace or service account.
type inherited struct {
	labels map[string]string
	// declared tells whether the object is among the resources. The labels of
	// others are unknown beyond those that always are there.
	declared bool
}

// value is what is known of a label: present or not and, if it is, its text
// unless that is unknown.
type value struct {
	present tri
	text    string
	known   bool
}

var absent = value{known: true}

func present(text string) value {
	return value{present: yes, text: text, known: !manifest.Unresolved(text)}
}

func (l *labels) get(key string) value {
	if text, ok := l.fixed[key]; ok {
		return present(text)
	}
	if text, ok := l.own[key]; ok {
		return present(text)
	}
	if l.open[key] {
		return value{present: maybe}
	}
	if l.anywhere && key == labelNamespace {
		return value{present: yes}
	}
	if l.wild && key != labelNamespace && key != labelOrchestrator {
		if !strings.HasPrefix(key, namespacePrefix) {
			return value{present: maybe}
		}
	}
	if rest, ok := strings.CutPrefix(key, namespacePrefix); ok && l.namespace != nil {
		return l.namespace.get(rest)
	}
	if rest, ok := strings.CutPrefix(key, accountPrefix); ok && l.account != nil {
		return l.account.get(rest)
	}
	return absent
}

func (i *inherited) get(key string) value {
	if text, ok := i.labels[key]; ok {
		return present(text)
	}
	if !i.declared {
		return value{present: maybe}
	}
	return absent
}

// equals says whether the label is there with the given text.
func (v value) equals(text string) tri {
	if v.present == no {
		return no
	}
	return and(v.present, v.test(func(s string) bool { return s == text }))
}

// test says whether the label's text, if it is there, passes.
func (v value) test(pass func(string) bool) tri {
	if !v.known {
		return maybe
	}
	return truth(pass(v.text))
}
