package main

// hostileObjects are objects that parse and are none that a cluster takes.
func hostileObjects() []hostileRow {
	return []hostileRow{
		{
			name:   "22 metadata that is a list",
			files:  files{"bad/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [a]\nspec: {}\n"},
			unread: []string{"bad/a.yaml:3"}, says: []string{"metadata must be a map; found a list"},
		},
		{
			name:   "22 metadata that is a list, in a kustomization",
			files:  files{"bad/kustomization.yaml": kustomization("a.yaml"), "bad/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [a]\nspec: {}\n"},
			unread: []string{"bad/a.yaml:3"}, says: []string{"metadata must be a map; found a list"},
		},
		{
			name:   "32 an item that is no object",
			files:  files{"bad/a.yaml": "apiVersion: v1\nkind: PodList\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a, namespace: shop}\n  spec: {hostNetwork: true, containers: [{name: a, image: registry.example.com/a:1}]}\n- 7\n"},
			unread: []string{"bad/a.yaml:8"}, says: []string{"item 1 of a PodList must be an object"}, finds: []string{"host-namespaces bad/a.yaml:7"},
		},
		{
			name:   "33 generateName alone",
			files:  files{"bad/a.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: a-\nspec: {template: {spec: {containers: [{name: a, image: 'registry.example.com/a:1'}]}}}\n"},
			unread: []string{"bad/a.yaml:4"}, says: []string{"generateName", "name"},
		},
		{
			name:   "33 no kind, in a kustomization",
			files:  files{"bad/kustomization.yaml": kustomization("a.yaml"), "bad/a.yaml": "apiVersion: v1\nmetadata: {name: a}\n"},
			unread: []string{"bad/a.yaml:1"}, says: []string{"has no kind"},
		},
		{
			name:   "33 a kind that is a number",
			files:  files{"bad/kustomization.yaml": kustomization("a.yaml"), "bad/a.yaml": "apiVersion: v1\nkind: 7\nmetadata: {name: a}\n"},
			unread: []string{"bad/a.yaml:2"}, says: []string{"kind must be a string", "7"},
		},
		{
			name:   "33 an apiVersion that is a number",
			files:  files{"bad/a.yaml": "apiVersion: 1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n"},
			unread: []string{"bad/a.yaml:1"}, says: []string{"apiVersion must be a string", "1"},
		},
		{
			name:   "36 a terminal's escape sequence in a name that cannot be read",
			files:  files{"bad/kustomization.yaml": kustomization("\"\\e]0;owned\\a\\e[31m\"")},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"\x1b]0;owned\a\x1b[31m does not exist"},
		},
	}
}
