// Package source reads the files of a repository, bounded, and says where in
// them each value stands.
//
// It promises:
//   - A Tree reads regular files below the repository's top and nothing else.
//     Symlinks are followed as long as they stay inside, absolute ones too. No
//     FIFO, device or socket is opened.
//   - Check splits a file into documents as kustomize does, parses each once, and
//     refuses what cannot be read, naming the line and the likely cause (a tab, a
//     conflict marker, an unrendered template, a Git LFS pointer). What passes
//     cannot make kustomize recurse, expand aliases or run without end, and holds
//     nothing that kustomize drops in silence (unknown tags, content after a
//     document's end).
//   - An Index gives the exact range in the source of each parsed value.
//
// UTF-8 is the only encoding that it reads, with or without a byte order mark;
// UTF-16 and UTF-32 are refused. It knows nothing of kustomizations or of what a
// manifest means.
package source
