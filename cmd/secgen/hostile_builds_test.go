package main

import (
	"fmt"
	"strings"
)

// hostileBuilds are inputs that pass every check of the text and hurt only once
// kustomize works on them.
func hostileBuilds() []hostileRow {
	return []hostileRow{
		{
			name:   "04 a JSON patch that copies the object into itself",
			files:  copies("bad", 26),
			unread: []string{"bad/patch.yaml:1"}, says: []string{"size increase of copy", "limit 3145728"},
		},
		{
			name:   "17 an exec function as a generator",
			files:  files{"bad/kustomization.yaml": "generators:\n- gen.yaml\n", "bad/gen.yaml": function("exec: {path: ./run.sh}"), "bad/run.sh": "#!/bin/sh\ntouch canary\n"},
			unread: []string{"bad/gen.yaml:2"}, says: []string{"Gen (example.com/v1)", "function"},
		},
		{
			name:   "17 a container function as a transformer",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "transformers:\n- t.yaml\n", "bad/pod.yaml": pod("a"), "bad/t.yaml": function("container: {image: example.com/x, network: true}")},
			unread: []string{"bad/t.yaml:2"}, says: []string{"Gen (example.com/v1)", "function"},
		},
		{
			name:   "17 an inline function as a validator",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "validators:\n- |-\n  " + strings.ReplaceAll(strings.TrimSpace(function("exec: {path: /bin/sh}")), "\n", "\n  ") + "\n", "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{"Gen (example.com/v1)", "function"},
		},
		{
			name:   "17 a Go plugin",
			files:  files{"bad/kustomization.yaml": "generators:\n- gen.yaml\n", "bad/gen.yaml": "apiVersion: someteam.example.com/v1\nkind: Made\nmetadata: {name: a}\n"},
			unread: []string{"bad/gen.yaml:2"}, says: []string{"Made (someteam.example.com/v1)", "plugin"},
		},
		{
			name:   "17 ksops",
			files:  files{"bad/kustomization.yaml": "generators:\n- gen.yaml\n", "bad/gen.yaml": "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ksops}\nfiles: [secret.enc.yaml]\n"},
			unread: []string{"bad/gen.yaml:2"}, says: []string{"ksops (viaduct.ai/v1)", "function"},
		},
		{
			name:   "17 a function behind a folder of generators",
			files:  files{"bad/kustomization.yaml": "generators:\n- ../gens\n", "gens/kustomization.yaml": kustomization("gen.yaml"), "gens/gen.yaml": function("exec: {path: ./run.sh}")},
			unread: []string{"gens/gen.yaml:2"}, says: []string{"function"},
		},
		{
			name:   "18 a Helm chart as a generator",
			files:  files{"bad/kustomization.yaml": "generators:\n- gen.yaml\n", "bad/gen.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: nginx\nrepo: https://charts.example.com\n"},
			unread: []string{"bad/gen.yaml:2"}, says: []string{"nginx", "needs helm"},
		},
		{
			name:   "37 a selector that is no regular expression",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "patches:\n- target: {kind: Pod, name: 'a('}\n  patch: |\n    - op: remove\n      path: /spec/hostNetwork\n", "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:1"}, says: []string{"missing closing )"},
		},
		{
			name:   "37 a selector that repeats a repetition",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "patches:\n- target: {kind: Pod, name: '(a{1000}){1000}'}\n  patch: |\n    - op: remove\n      path: /spec/hostNetwork\n", "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:1"}, says: []string{"invalid repeat count"},
		},
		{
			name:   "21 an encrypted Secret whose kind and name are encrypted too",
			files:  files{"bad/kustomization.yaml": kustomization("secret.yaml") + "namePrefix: x-\n", "bad/secret.yaml": "apiVersion: ENC[AES256_GCM,data:a==]\nkind: ENC[AES256_GCM,data:b==]\nmetadata:\n    name: ENC[AES256_GCM,data:c==]\ndata:\n    password: ENC[AES256_GCM,data:d==]\nsops:\n    version: 3.7.1\n"},
			unread: []string{"bad/secret.yaml:2"}, says: []string{"SOPS"},
		},
	}
}

func function(spec string) string {
	return "apiVersion: example.com/v1\nkind: Gen\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      " + spec + "\n"
}

// copies is a kustomization whose JSON patch doubles an object n times.
func copies(dir string, n int) files {
	var patch strings.Builder
	for i := range n {
		fmt.Fprintf(&patch, "- {op: copy, from: /data, path: /data/c%d}\n", i)
	}
	return files{
		dir + "/kustomization.yaml": kustomization("map.yaml") + "patches:\n- target: {kind: ConfigMap}\n  path: patch.yaml\n",
		dir + "/map.yaml":           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n",
		dir + "/patch.yaml":         patch.String(),
	}
}
