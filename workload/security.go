package workload

import (
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Security is the security context that a container ends up with: its own over
// its pod's, with the values that apply where neither says anything. A value
// keeps the position of the field that decides; a default has none.
//
// Source: pkg/securitycontext and the defaults of core/v1 in Kubernetes 1.37.
type Security struct {
	// Never nil: Kubernetes has a default.
	Privileged, AllowPrivilegeEscalation, ReadOnlyRootFilesystem, ProcMount, HostProcess *manifest.Node
	// nil where neither the container nor the pod says anything.
	RunAsNonRoot, RunAsUser, RunAsGroup *manifest.Node
	// Maps with the fields of the API, or nil: then the runtime's or the node's
	// default applies.
	Seccomp, AppArmor, SELinux *manifest.Node
	// Lists of strings, or nil.
	CapabilitiesAdded, CapabilitiesDropped *manifest.Node
}

var (
	no               = manifest.Of(false)
	yes              = manifest.Of(true)
	defaultProcMount = manifest.Of("Default")
)

// appArmorAnnotation is the prefix of the annotation that, per container, set
// AppArmor's profile before Kubernetes 1.30. The API server still copies it into
// the container's field where that is not set.
const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"

// Security computes the effective security context of a container of the pod.
func (p Pod) Security(c Container) Security {
	own, pod := c.Node.Get("securityContext"), p.Spec.Get("securityContext")
	s := Security{
		Privileged:               or(own.Get("privileged"), no),
		AllowPrivilegeEscalation: or(own.Get("allowPrivilegeEscalation"), yes),
		ReadOnlyRootFilesystem:   or(own.Get("readOnlyRootFilesystem"), no),
		ProcMount:                or(own.Get("procMount"), defaultProcMount),
		HostProcess:              or(own.Get("windowsOptions", "hostProcess"), pod.Get("windowsOptions", "hostProcess"), no),
		RunAsNonRoot:             or(own.Get("runAsNonRoot"), pod.Get("runAsNonRoot")),
		RunAsUser:                or(own.Get("runAsUser"), pod.Get("runAsUser")),
		RunAsGroup:               or(own.Get("runAsGroup"), pod.Get("runAsGroup")),
		Seccomp:                  or(own.Get("seccompProfile"), pod.Get("seccompProfile")),
		SELinux:                  or(own.Get("seLinuxOptions"), pod.Get("seLinuxOptions")),
		CapabilitiesAdded:        or(own.Get("capabilities", "add")),
		CapabilitiesDropped:      or(own.Get("capabilities", "drop")),
	}
	s.AppArmor = or(own.Get("appArmorProfile"), p.appArmorFromAnnotation(c.Name()), pod.Get("appArmorProfile"))
	return s
}

// or returns the first value that is present and not null.
func or(values ...*manifest.Node) *manifest.Node {
	for _, v := range values {
		if !v.IsNull() {
			return v
		}
	}
	return nil
}

// appArmorFromAnnotation reads the annotation of a container as the field that
// the API server makes of it; nil where there is none.
func (p Pod) appArmorFromAnnotation(container string) *manifest.Node {
	annotations := p.Metadata.Get("annotations")
	if annotations == nil || container == "" {
		return nil
	}
	value := annotations.Get(appArmorAnnotation + container)
	var profile []manifest.Field
	switch text := value.Str(); {
	case text == "":
		return nil
	case text == "runtime/default":
		profile = []manifest.Field{typeField("RuntimeDefault", value.Pos)}
	case strings.HasPrefix(text, "localhost/"):
		name := &manifest.Node{Kind: manifest.String, Text: strings.TrimPrefix(text, "localhost/"), Pos: value.Pos}
		profile = []manifest.Field{typeField("Localhost", value.Pos), {Key: "localhostProfile", Value: name}}
	case text == "unconfined":
		profile = []manifest.Field{typeField("Unconfined", value.Pos)}
	default:
		profile = []manifest.Field{typeField(text, value.Pos)}
	}
	return &manifest.Node{Kind: manifest.Map, Fields: profile, Pos: value.Pos}
}

func typeField(profile string, pos manifest.Position) manifest.Field {
	return manifest.Field{Key: "type", Value: &manifest.Node{Kind: manifest.String, Text: profile, Pos: pos}}
}
