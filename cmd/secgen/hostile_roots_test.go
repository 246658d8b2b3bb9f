package main

import (
	"fmt"
	"strings"
)

func hostileReferences() []hostileRow {
	rows := []hostileRow{
		{
			name:   "06 bases that fan out to 2^14",
			files:  fanOut(14),
			unread: []string{"n0/kustomization.yaml:1"}, says: []string{"accumulated > 10000"}, peak: 200,
		},
		{
			name:   "14 a kustomization that uses itself",
			files:  files{"bad/kustomization.yaml": kustomization(".")},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"cycle: bad -> bad"},
		},
		{
			name:   "14 a circle of two",
			files:  files{"bad/kustomization.yaml": kustomization("../worse"), "worse/kustomization.yaml": kustomization("../bad")},
			unread: []string{"worse/kustomization.yaml:2"}, says: []string{"cycle: bad -> worse -> bad"},
		},
		{
			name:   "18 a Helm chart",
			files:  files{"bad/kustomization.yaml": "helmCharts:\n- name: nginx\n  repo: https://charts.example.com\n"},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{`chart "nginx" needs helm`, "render it first"},
		},
		{
			name:   "35 a field that kustomize does not know",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "resorces: [other.yaml]\n", "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:3"}, says: []string{"resorces"},
		},
		{
			name:   "35 two kustomizations in a folder",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml"), "bad/kustomization.yml": kustomization("pod.yaml"), "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:1", "bad/kustomization.yml:1"}, says: []string{"kustomization.yaml and kustomization.yml"},
		},
		{
			name:   "35 the same resource twice",
			files:  files{"bad/kustomization.yaml": kustomization("a.yaml", "b.yaml"), "bad/a.yaml": pod("same"), "bad/b.yaml": pod("same")},
			unread: []string{"bad/b.yaml:1"}, says: []string{"same", "bad/a.yaml"},
		},
		{
			name:   "35 Flux's Kustomization in kustomization.yaml",
			files:  files{"bad/kustomization.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./apps}\n"},
			unread: []string{"bad/kustomization.yaml:1"}, says: []string{"Flux"},
		},
		{
			name:   "14 a base that is not there",
			files:  files{"bad/kustomization.yaml": kustomization("../nowhere")},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"../nowhere does not exist"},
		},
	}
	for _, remote := range []string{
		"http://LISTENER/org/repo//base", "http://LISTENER/pod.yaml", "git::http://LISTENER/org/repo.git", "https://LISTENER/org/repo?ref=main",
		"ssh://git@LISTENER/org/repo.git", "git@127.0.0.1:org/repo.git//base",
		"http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/org/repo.git", "github.com/org/repo//base?ref=v1",
		"git@github.com:org/repo", "git::https://github.com/org/repo//base", "https://raw.githubusercontent.com/org/repo/main/pod.yaml",
		"HTTP://LISTENER/org/repo",
	} {
		number := "15"
		if strings.Contains(remote, "169.254") {
			number = "16"
		}
		rows = append(rows, remoteRow(number+" remote base "+strings.ReplaceAll(remote, "/", "|"), "resources:\n- ", remote))
	}
	for _, field := range []string{"components:\n- ", "bases:\n- ", "patches:\n- path: ", "crds:\n- ", "configurations:\n- ", "openapi:\n  path: ",
		"generators:\n- ", "transformers:\n- ", "validators:\n- ", "replacements:\n- path: ", "patchesStrategicMerge:\n- ",
		"configMapGenerator:\n- name: a\n  files: [x=", "secretGenerator:\n- name: a\n  envs: [", "patchesJson6902:\n- target: {kind: Pod, name: a, version: v1}\n  path: "} {
		name, _, _ := strings.Cut(field, ":")
		rows = append(rows, remoteRow("15 remote file in "+name, field, "http://LISTENER/x/y.yaml"))
	}
	return rows
}

// remoteRow is a reference to the network under a field of the kustomization,
// whose last line it ends.
func remoteRow(name, field, reference string) hostileRow {
	text := field + reference + strings.Repeat("]", strings.Count(field, "[")) + "\n"
	if !strings.HasPrefix(field, "resources:") {
		text = kustomization("../used/pod.yaml") + text
	}
	if strings.Contains(field, "x=") {
		reference = "x=" + reference
	}
	return hostileRow{
		name:   name,
		files:  files{"bad/kustomization.yaml": text, "used/kustomization.yaml": kustomization("pod.yaml"), "used/pod.yaml": pod("a")},
		finds:  []string{"host-namespaces used/pod.yaml:5"},
		unread: []string{fmt.Sprintf("bad/kustomization.yaml:%d", strings.Count(text, "\n"))},
		args:   []string{"--skip-rule", "remote-base-follows-branch"}, // which has tests of its own
		says:   []string{"remote base not vendored: " + reference, "needs the network", "copy it into the repository"},
	}
}

// fanOut is a chain of levels of which each names both folders of the next one.
func fanOut(levels int) files {
	f := files{"n0/kustomization.yaml": kustomization("../n1a", "../n1b")}
	for i := 1; i < levels; i++ {
		for _, side := range []string{"a", "b"} {
			f[fmt.Sprintf("n%d%s/kustomization.yaml", i, side)] = "nameSuffix: -" + side + "\n" +
				kustomization(fmt.Sprintf("../n%da", i+1), fmt.Sprintf("../n%db", i+1))
		}
	}
	for _, side := range []string{"a", "b"} {
		f[fmt.Sprintf("n%d%s/kustomization.yaml", levels, side)] = kustomization("pod.yaml")
		f[fmt.Sprintf("n%d%s/pod.yaml", levels, side)] = pod(side)
	}
	return f
}
