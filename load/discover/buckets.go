package discover

import "maps"

// Buckets returns the files with their final buckets, once it is known what
// could be rendered and read. A manifest, patch or kustomization of which every
// root failed is unread, and so is a file in unread, which maps paths to reasons.
// failed maps names of roots to reasons; roots with refusals need not be in it.
func (r *Repository) Buckets(failed, unread map[string]string) []File {
	failed = maps.Clone(failed)
	if failed == nil {
		failed = map[string]string{}
	}
	for _, root := range r.Roots {
		if _, known := failed[root.Name]; !known && len(root.Refusals) > 0 {
			failed[root.Name] = root.Refusals[0].Reason
		}
	}
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
