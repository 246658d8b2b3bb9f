// Package remote reads references to other repositories and servers as kustomize
// writes them. It looks at the text alone, dials nothing, and does not know what
// stands at the far end: whether a name there is a branch or a tag is told only by
// names that people give to branches.
package remote

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Reference is something that kustomize would fetch.
type Reference struct {
	// Host is asked, with a port where one is named.
	Host string
	// Revision is the branch, tag or commit that is asked for; "" where none is named,
	// or where the address of a file does not tell.
	Revision string
	// Commit says that Revision is the full hash of a commit, which always stands for
	// the same files.
	Commit bool
	// Moves says that every push may change what is fetched: a repository without a
	// revision, or a revision with the name of a branch.
	Moves bool
}

// Of reads a reference of resources, bases or components. It is false for what
// kustomize finds in the repository itself. Of a name without a scheme that ends
// like a manifest it is false too: kustomize looks for such a file first, and a
// repository's folder is not called so.
func Of(text string) (Reference, bool) {
	address, query, _ := strings.Cut(text, "?")
	manifest := slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(address))
	switch {
	case IsFile(text) && manifest:
		return file(address), true
	case !IsRepository(text) || manifest && !strings.Contains(text, "://"):
		return Reference{}, false
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil // as kustomize does
	}
	revision := values.Get("ref")
	if revision == "" {
		revision = values.Get("version")
	}
	return named(hostOf(address), revision, true), true
}

// commit is the hash of a commit in full, SHA-1 or SHA-256: of a shorter one
// another may come to begin the same.
var commit = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// branches are names that branches have, and tags do not.
var branches = []string{"HEAD", "dev", "devel", "develop", "development", "latest", "main", "master", "next", "nightly", "release", "staging", "trunk"}

func named(host, revision string, repository bool) Reference {
	name := strings.TrimPrefix(revision, "refs/heads/")
	return Reference{
		Host: host, Revision: revision, Commit: commit.MatchString(revision),
		Moves: revision == "" && repository || name != revision || slices.Contains(branches, name),
	}
}

// file reads the address of a file on a server whose addresses name a revision.
func file(address string) Reference {
	host := hostOf(address)
	u, err := url.Parse(address)
	if err != nil {
		return Reference{Host: host}
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	at := func(i int) string {
		if i >= len(parts) {
			return ""
		}
		if parts[i] == "refs" && i+2 < len(parts) && parts[i+1] == "heads" {
			return strings.Join(parts[i:i+3], "/")
		}
		if parts[i] == "refs" && i+2 < len(parts) && parts[i+1] == "tags" {
			return parts[i+2]
		}
		return parts[i]
	}
	switch {
	case u.Hostname() == "raw.githubusercontent.com": // org/repo/REVISION/...
		return named(host, at(2), false)
	case slices.Contains(parts, "-"): // GitLab: group/repo/-/raw/REVISION/...
		return named(host, at(slices.Index(parts, "-")+2), false)
	case u.Hostname() != "github.com" || len(parts) < 5:
	case parts[2] == "releases" && parts[3] == "latest": // org/repo/releases/latest/download/...
		return named(host, "latest", false)
	case parts[2] == "releases": // org/repo/releases/download/TAG/...
		return named(host, at(4), false)
	case parts[2] == "raw" || parts[2] == "blob":
		return named(host, at(3), false)
	}
	return Reference{Host: host}
}

// hostOf is what stands before the path, without scheme and user.
func hostOf(address string) string {
	rest, _ := cutPrefixFold(address, "git::")
	_, after, schemed := strings.Cut(rest, "://")
	if schemed {
		rest = after
	}
	if user, after, found := strings.Cut(rest, "@"); found && !strings.Contains(user, "/") {
		rest = after
	}
	end := "/"
	if !schemed {
		end = "/:" // git@example.com:org/repo
	}
	if i := strings.IndexAny(rest, end); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// IsFile tells whether kustomize may fetch a reference over HTTP, which it does
// without looking for a local file of that name.
func IsFile(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

var userPrefix = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// IsRepository tells whether kustomize takes a reference for a Git repository to
// clone. It looks at the text alone, before it looks for a local folder. The
// rules are those of kustomize's NewRepoSpecFromURL (api/internal/git/repospec.go);
// where that fails on an address with a scheme, the answer here is still yes,
// since such a reference is no local path.
func IsRepository(ref string) bool {
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
