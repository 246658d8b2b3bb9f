package view_test

import (
	"math/rand/v2"
)

// object is a JSON object.
type object = map[string]any

// pods makes pods at random that touch every control of the Pod Security
// Standards, most of them only a little, so that many pass.
type pods struct {
	rand *rand.Rand
	// good makes most of a pod's containers fit the restricted level.
	good bool
}

// rarely is true once in n.
func (p pods) rarely(n int) bool { return p.rand.IntN(n) == 0 }

func one[T any](p pods, values ...T) T { return values[p.rand.IntN(len(values))] }

// maybe sets a field once in n.
func maybe[T any](p pods, n int, in object, key string, values ...T) {
	if p.rarely(n) {
		in[key] = one(p, values...)
	}
}

func (p pods) pod() object {
	p.good = p.rarely(2)
	spec := object{"containers": p.containers("c", 1+p.rand.IntN(2))}
	meta := object{"name": "pod"}
	if p.rarely(2) && !p.good {
		spec["securityContext"] = p.podContext()
	}
	if p.rarely(3) {
		spec["initContainers"] = p.containers("i", 1+p.rand.IntN(2))
	}
	if p.rarely(6) {
		spec["ephemeralContainers"] = p.containers("e", 1)
	}
	for _, key := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		maybe(p, 20, spec, key, true, false)
	}
	maybe(p, 8, spec, "hostUsers", true, false)
	maybe(p, 8, spec, "os", object{"name": "windows"}, object{"name": "linux"})
	maybe(p, 8, spec, "nodeSelector", object{"kubernetes.io/os": "windows"})
	if p.rarely(3) {
		spec["volumes"] = p.volumes()
	}
	if p.rarely(12) {
		meta["annotations"] = object{
			"container.apparmor.security.beta.kubernetes.io/" + one(p, "c0", "i0", "other"): one(p, "runtime/default", "localhost/a", "unconfined", "", "x"),
			"seccomp.security.alpha.kubernetes.io/pod":                                      "unconfined",
		}
	}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
}

func (p pods) podContext() object {
	c := object{}
	p.shared(c, 3)
	if p.rarely(8) {
		c["sysctls"] = []any{object{"name": one(p, "kernel.shm_rmid_forced", "net.ipv4.tcp_rmem", "net.ipv4.tcp_notsent_lowat", "net.ipv4.ip_local_reserved_ports"), "value": "1"},
			object{"name": one(p, "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "kernel.msgmax", "net.core.somaxconn"), "value": "1"}}
	}
	return c
}

// shared sets what pods and containers have in common.
func (p pods) shared(c object, n int) {
	maybe(p, n, c, "runAsNonRoot", true, true, true, false)
	maybe(p, 2*n, c, "runAsUser", 1000, 1000, 0)
	maybe(p, n, c, "seccompProfile", object{"type": "RuntimeDefault"}, object{"type": "RuntimeDefault"}, object{"type": "Localhost", "localhostProfile": "a"}, object{"type": "Unconfined"}, object{})
	maybe(p, 5*n, c, "appArmorProfile", object{"type": "RuntimeDefault"}, object{"type": "Localhost", "localhostProfile": "a"}, object{"type": "Unconfined"}, object{})
	maybe(p, 5*n, c, "seLinuxOptions", object{"level": "s0"}, object{"type": one(p, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t")},
		object{"user": one(p, "", "u")}, object{"role": one(p, "", "r")}, object{})
	maybe(p, 8*n, c, "windowsOptions", object{"hostProcess": true}, object{"hostProcess": false}, object{})
}

func (p pods) containers(prefix string, n int) []any {
	var out []any
	for i := range n {
		c := object{"name": prefix + string(rune('0'+i)), "image": "web:1"}
		if p.good || !p.rarely(4) {
			c["securityContext"] = p.context()
		}
		if p.rarely(8) {
			c["ports"] = []any{object{"containerPort": 80}, object{"containerPort": 81, "hostPort": one(p, 0, 0, 81)}}
		}
		handler := object{one(p, "httpGet", "tcpSocket"): object{"port": 80, "host": one(p, "", "", "10.0.0.1")}}
		maybe(p, 12, c, one(p, "livenessProbe", "readinessProbe", "startupProbe"), handler, object{"exec": object{"command": []any{"a"}}})
		maybe(p, 12, c, "lifecycle", object{one(p, "preStop", "postStart"): handler}, object{})
		if prefix == "i" {
			maybe(p, 4, c, "restartPolicy", "Always")
		}
		out = append(out, c)
	}
	return out
}

func (p pods) context() object {
	if p.good && !p.rarely(8) {
		return object{"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": object{"drop": []any{"ALL"}},
			"seccompProfile": object{"type": "RuntimeDefault"}}
	}
	c := object{}
	p.shared(c, 3)
	maybe(p, 15, c, "privileged", true, false)
	if !p.rarely(6) {
		c["allowPrivilegeEscalation"] = p.rarely(12)
	}
	maybe(p, 10, c, "procMount", "Default", "Unmasked")
	if !p.rarely(6) {
		caps := object{"drop": one(p, []any{"ALL"}, []any{"ALL"}, []any{"NET_RAW", "ALL"}, []any{"ALL", "CHOWN"}, []any{"NET_RAW"}, []any{"all"}, []any{})}
		maybe(p, 3, caps, "add", []any{"NET_BIND_SERVICE"}, []any{}, []any{one(p, "CHOWN", "AUDIT_WRITE", "MKNOD", "SETFCAP")}, []any{"CHOWN", "NET_RAW"}, []any{"ALL"}, []any{"CAP_CHOWN"})
		if p.rarely(10) {
			delete(caps, "drop")
		}
		c["capabilities"] = caps
	}
	return c
}

func (p pods) volumes() []any {
	safe := []object{{"emptyDir": object{}}, {"configMap": object{"name": "a"}}, {"secret": object{"secretName": "a"}}, {"downwardAPI": object{}},
		{"projected": object{}}, {"persistentVolumeClaim": object{"claimName": "a"}}, {"csi": object{"driver": "a"}}, {"ephemeral": object{}}, {"image": object{"reference": "a"}}}
	unsafe := []object{{"hostPath": object{"path": "/"}}, {"gcePersistentDisk": object{"pdName": "a"}}, {"awsElasticBlockStore": object{"volumeID": "a"}},
		{"gitRepo": object{"repository": "a"}}, {"nfs": object{"server": "a", "path": "/"}}, {"iscsi": object{"targetPortal": "a"}}, {"glusterfs": object{"path": "a"}},
		{"rbd": object{"image": "a"}}, {"flexVolume": object{"driver": "a"}}, {"cinder": object{"volumeID": "a"}}, {"cephfs": object{"path": "/"}},
		{"flocker": object{}}, {"fc": object{}}, {"azureFile": object{"shareName": "a"}}, {"azureDisk": object{"diskName": "a"}}, {"vsphereVolume": object{"volumePath": "a"}},
		{"quobyte": object{"volume": "a"}}, {"portworxVolume": object{"volumeID": "a"}}, {"photonPersistentDisk": object{"pdID": "a"}}, {"scaleIO": object{"volumeName": "a"}},
		{"storageos": object{"volumeName": "a"}}}
	out := []any{p.volume(one(p, safe...))}
	if p.rarely(4) {
		out = append(out, p.volume(one(p, unsafe...)))
	}
	if p.rarely(8) {
		out = append(out, object{"name": "none"}) // an emptyDir to the API server
	}
	return out
}

func (p pods) volume(source object) object {
	v := object{"name": "v"}
	for key, value := range source {
		v[key] = value
	}
	return v
}
