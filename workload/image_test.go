package workload

import "testing"

func TestParseImage(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	tests := []struct {
		reference string
		want      Image
	}{
		{"nginx", Image{"docker.io", "library/nginx", "latest", false, ""}},
		{"nginx:1.27", Image{"docker.io", "library/nginx", "1.27", true, ""}},
		{"nginx:latest", Image{"docker.io", "library/nginx", "latest", true, ""}},
		{"shop/web", Image{"docker.io", "shop/web", "latest", false, ""}},
		{"docker.io/nginx:1", Image{"docker.io", "library/nginx", "1", true, ""}},
		{"index.docker.io/library/nginx:1", Image{"docker.io", "library/nginx", "1", true, ""}},
		{"de.icr.io/shop/web:1.4.2", Image{"de.icr.io", "shop/web", "1.4.2", true, ""}},
		{"localhost:5000/proxy", Image{"localhost:5000", "proxy", "latest", false, ""}},
		{"registry.example.org:5000/a/b/c:v1", Image{"registry.example.org:5000", "a/b/c", "v1", true, ""}},
		{"nginx@" + digest, Image{"docker.io", "library/nginx", "", false, digest}},
		{"nginx:1.27@" + digest, Image{"docker.io", "library/nginx", "1.27", true, digest}},
	}
	for _, tt := range tests {
		got, err := ParseImage(tt.reference)
		if err != nil || got != tt.want {
			t.Errorf("ParseImage(%q) = %+v, %v; want %+v", tt.reference, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "${IMAGE}", "nginx:${TAG}", "${REGISTRY}/web:1", "$(params.image)", "Nginx:1", "nginx:", "nginx@sha256:12",
		"nginx@", "a b", "{{ .Values.image }}", "https://registry.example.org/web:1", "nginx:1:2", "web@" + digest + "@" + digest} {
		if got, err := ParseImage(bad); err == nil {
			t.Errorf("ParseImage(%q) = %+v, want an error", bad, got)
		}
	}
}

func FuzzParseImage(f *testing.F) {
	for _, seed := range []string{"nginx", "a.b/c:d@sha256:", "localhost:1/x", "@", ":", "/", "x/y/z:${T}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		image, err := ParseImage(reference)
		if err != nil {
			return
		}
		if image.Registry == "" || image.Repository == "" || image.Tag == "" && image.Digest == "" {
			t.Errorf("ParseImage(%q) = %+v, want a registry, a repository, and a tag or digest", reference, image)
		}
		again := image.Name()
		if image.Tagged {
			again += ":" + image.Tag
		}
		if image.Digest != "" {
			again += "@" + image.Digest
		}
		if second, err := ParseImage(again); err != nil || second != image {
			t.Errorf("ParseImage(%q) = %+v, and its full form %q = %+v, %v", reference, image, again, second, err)
		}
	})
}
