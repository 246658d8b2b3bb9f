// Package discover finds out what a repository deploys: it walks it once, reads
// every kustomization, and says which folders are roots, which files each root
// reads, what must not be run, and in which bucket each file ends.
//
// A root is a kustomization that no other one uses and that is no Component, or a
// folder of plain manifests. Plain roots are decided so:
//   - A file is a plain manifest when a document in it has apiVersion, kind and a
//     name, no kustomization uses it, and it is no patch, Helm chart part or
//     configuration of a client-side tool.
//   - The topmost folder that itself holds plain manifests is one root, with all
//     plain manifests below it: that is what `kubectl apply -R`, Argo CD's
//     recursive directories and Flux deploy as one. A folder without manifests of
//     its own is no root, so `apps` with `apps/a/x.yaml` and `apps/b/y.yaml` gives
//     the roots apps/a and apps/b.
//   - Where two folders below it define the same object (dev and prod side by
//     side), the folder cannot be deployed as one: it keeps its own files, and its
//     subfolders are roots of their own.
//   - A folder with a kustomization is a border. Manifests beside a kustomization
//     that it does not list are stray: each is a root of its own, named by its
//     file, since the folder's name already stands for the kustomization.
//
// .secgenignore at the top (gitignore syntax) takes away roots and plain manifests;
// what a remaining root uses is read all the same. What tests the repository's own
// rules (fail* and pass* beside them) is left out in the same way. .gitignore counts only for what
// Git does not track and no kustomization uses, and only where Git's index can be
// read: without .git, nothing is taken to be untracked. In a linked work tree or a
// submodule the index lies outside of the repository, where nothing is read: a note
// says how many files are linted that Git may ignore.
//
// It reads only through source.Tree and runs nothing. What kustomize itself
// refuses at rendering (unknown fields, patches that match nothing) it leaves to
// kustomize. It does not know variables of Flux or parameters of Argo CD.
package discover
