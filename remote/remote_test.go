package remote

import "testing"

func TestOf(t *testing.T) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	type want struct {
		host, revision string
		commit, moves  bool
	}
	tests := []struct {
		name, text string
		want       *want
	}{
		{"a folder", "../base", nil},
		{"a file that was copied in", "github.com/org/repo/deploy.yaml", nil},
		{"no revision", "https://github.com/org/repo//config/default", &want{"github.com", "", false, true}},
		{"without a scheme", "github.com/org/repo/config?ref=v1.4.2", &want{"github.com", "v1.4.2", false, false}},
		{"a commit", "https://github.com/org/repo//config?ref=" + sha + "&timeout=90s", &want{"github.com", sha, true, false}},
		{"a short hash", "https://github.com/org/repo//config?ref=0123456", &want{"github.com", "0123456", false, false}},
		{"a branch", "git@git.example.com:org/repo.git//config?ref=main", &want{"git.example.com", "main", false, true}},
		{"a branch in full", "ssh://git@git.example.com:22/org/repo?ref=refs/heads/v1", &want{"git.example.com:22", "refs/heads/v1", false, true}},
		{"version", "https://git.example.com/org/repo.git?version=v2", &want{"git.example.com", "v2", false, false}},
		{"ref before version", "https://git.example.com/org/repo.git?version=v2&ref=master", &want{"git.example.com", "master", false, true}},
		{"an uncommon branch looks like a tag", "https://github.com/org/repo?ref=release-1.4", &want{"github.com", "release-1.4", false, false}},
		{"a raw file", "https://raw.githubusercontent.com/org/repo/main/deploy.yaml", &want{"raw.githubusercontent.com", "main", false, true}},
		{"a raw file at a commit", "https://raw.githubusercontent.com/org/repo/" + sha + "/deploy.yaml", &want{"raw.githubusercontent.com", sha, true, false}},
		{"a raw file at a ref", "https://raw.githubusercontent.com/org/repo/refs/heads/x/deploy.yaml", &want{"raw.githubusercontent.com", "refs/heads/x", false, true}},
		{"a tag in full", "https://raw.githubusercontent.com/org/repo/refs/tags/v1/deploy.yaml", &want{"raw.githubusercontent.com", "v1", false, false}},
		{"a release", "https://github.com/org/repo/releases/download/v1.4.2/install.yaml", &want{"github.com", "v1.4.2", false, false}},
		{"the latest release", "https://github.com/org/repo/releases/latest/download/install.yaml", &want{"github.com", "latest", false, true}},
		{"GitLab", "https://gitlab.example.com/g/sub/repo/-/raw/main/a.yaml", &want{"gitlab.example.com", "main", false, true}},
		{"some server", "https://example.com/install.yaml", &want{"example.com", "", false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Of(tt.text)
			if ok != (tt.want != nil) {
				t.Fatalf("%s is remote: %v", tt.text, ok)
			}
			if !ok {
				return
			}
			if found := (want{got.Host, got.Revision, got.Commit, got.Moves}); found != *tt.want {
				t.Errorf("%s is %+v, want %+v", tt.text, found, *tt.want)
			}
		})
	}
}
