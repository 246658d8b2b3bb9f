package discover

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// isRemoteFile tells whether kustomize fetches a file over HTTP, which it does
// without looking for a local file of that name.
func isRemoteFile(ref string) bool {
	u, err := url.Parse(ref)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

var userPrefix = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// isRepository tells whether kustomize takes a reference for a Git repository to
// clone. It looks at the text alone, before it looks for a local folder. The
// rules are those of kustomize's NewRepoSpecFromURL (api/internal/git/repospec.go);
// where that fails on an address with a scheme, the answer here is still yes,
// since such a reference is no local path.
func isRepository(ref string) bool {
	if path.IsAbs(ref) {
		return false
	}
	rest, _, _ := strings.Cut(ref, "?")
	rest, _ = cutPrefixFold(rest, "git::")
	for _, scheme := range []string{"ssh://", "https://", "http://", "file://"} {
		if _, found := cutPrefixFold(rest, scheme); found {
			return true
		}
	}
	user := userPrefix.FindString(rest)
	rest = rest[len(user):]
	_, slash := cutPrefixFold(rest, "github.com/")
	_, colon := cutPrefixFold(rest, "github.com:")
	if user == "" && !slash && !colon {
		return false
	}
	// The host ends at the first slash, or at a colon before it.
	end := strings.IndexByte(rest, '/')
	if i := strings.IndexByte(rest, ':'); i > 0 && (end < 0 || i < end) || end < 0 {
		end = i
	}
	if end < 1 {
		return false
	}
	return namesRepository(rest[end+1:])
}

// namesRepository tells whether the path behind the host names a repository and
// a folder inside it.
func namesRepository(p string) bool {
	repo, inside := "", ""
	if i := strings.Index(p, "_git/"); i >= 0 {
		_, inside, _ = strings.Cut(p[i+len("_git/"):], "/")
		repo = p[:i+len("_git/")]
	} else if before, after, found := strings.Cut(p, "//"); found {
		repo, inside = before, after
	} else if before, after, found := strings.Cut(p, ".git"); found {
		repo, inside = before+".git", after
	} else if parts := strings.SplitN(p, "/", 3); len(parts) >= 2 {
		repo = parts[0] + "/" + parts[1]
		if len(parts) == 3 {
			inside = parts[2]
		}
	}
	cleaned := path.Clean(strings.TrimPrefix(inside, "/"))
	return repo != "" && cleaned != ".." && !strings.HasPrefix(cleaned, "../")
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
