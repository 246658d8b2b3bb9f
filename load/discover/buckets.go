package discover

// Buckets returns the files with their final buckets, once it is known what
// could be rendered and read. A manifest, patch or kustomization of which every
// root failed is unread, and so is a file in unread, which maps paths to reasons.
// failed maps names of roots to reasons.
func (r *Repository) Buckets(failed, unread map[string]string) []File {
	out := make([]File, len(r.Files))
	for i, f := range r.Files {
		if reason, ok := unread[f.Path]; ok {
			f.Bucket, f.Reason = Unread, reason
		} else if (f.Bucket == Linted || f.Bucket == Patches) && allFailed(f.Roots, failed) {
			f.Bucket, f.Reason = Unread, "the root "+f.Roots[0]+" was not rendered: "+failed[f.Roots[0]]
		}
		out[i] = f
	}
	return out
}

func allFailed(roots []string, failed map[string]string) bool {
	for _, root := range roots {
		if _, ok := failed[root]; !ok {
			return false
		}
	}
	return len(roots) > 0
}
