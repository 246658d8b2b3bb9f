package discover

import (
	"github.com/secgen/secgen/manifest"
)

// Repository is all that discovery found. It is plain data, in the same order
// for the same files.
type Repository struct {
	// Kustomizations are those that count, by folder.
	Kustomizations []*Kustomization
	// Roots are sorted by name.
	Roots []Root
	// Files are the YAML and JSON files and all others that a kustomization reads,
	// sorted by path, each once.
	Files []File
	// Notes are worth telling and no findings.
	Notes []Note
}

// Kustomization is a parsed kustomization file.
type Kustomization struct {
	// Dir is the folder, without symlinks; "." is the top.
	Dir string
	// File is the kustomization file. Where a folder has several, it is the first
	// of those that kustomize looks for.
	File string
	// Object is the file's content; nil where it could not be read.
	Object *manifest.Node
	// Component says that its kind is Component.
	Component bool
	// Refs are what it refers to, in the order of fields in which kustomize reads
	// them, within a field in the order of the file.
	Refs []Ref
	// Refusals are why it cannot be rendered.
	Refusals []Refusal
	// Notes concern whoever uses it.
	Notes []Note
	// Ignored says that .secgenignore names it, or that it tests a rule.
	Ignored bool
	// Template says that it is no YAML but a template of a kustomization.
	Template bool
}

// Role says what kustomize does with a reference.
type Role string

// The roles of references.
const (
	Resource      Role = "resource"      // a file of manifests
	Base          Role = "base"          // a folder with a kustomization
	Component     Role = "component"     // a folder with a Component
	Patch         Role = "patch"         // a strategic merge or JSON 6902 patch
	Plugin        Role = "plugin"        // the configuration of a generator, transformer or validator
	PluginBase    Role = "plugin base"   // a folder whose kustomization yields such configurations
	Generator     Role = "generator"     // a file whose content goes into a ConfigMap or Secret
	Env           Role = "env"           // a file of KEY=VALUE lines for a ConfigMap or Secret
	Configuration Role = "configuration" // a transformer configuration
	CRD           Role = "crd"           // an OpenAPI definition of the field crds
	OpenAPI       Role = "openapi"       // a schema of the field openapi
	Replacement   Role = "replacement"   // a file of replacements
)

// Ref is one reference of a kustomization to a file, a folder or inline text.
type Ref struct {
	// Field is the kustomization's field, such as "patchesStrategicMerge".
	Field string
	Role  Role
	// Text is the reference as written; for inline documents it is their text.
	Text string
	// Path is the file or folder without symlinks; "" where it is inline or refused.
	Path string
	// Inline says that the text itself is the document.
	Inline bool
	// Position is where the reference is written.
	Position manifest.Position
}

// RefusalKind sorts refusals.
type RefusalKind string

// The kinds of refusals.
const (
	Remote    RefusalKind = "remote"    // needs the network
	Helm      RefusalKind = "helm"      // needs helm
	Function  RefusalKind = "plugin"    // needs a foreign program or container
	Missing   RefusalKind = "missing"   // a file or folder that is not there
	Outside   RefusalKind = "outside"   // leaves the repository
	Cycle     RefusalKind = "cycle"     // uses itself
	Ambiguous RefusalKind = "ambiguous" // several kustomization files in one folder
	Malformed RefusalKind = "malformed" // cannot be read, or is no kustomization
	Budget    RefusalKind = "budget"    // would be accumulated too often
)

// Refusal is why something must not, or cannot, be rendered.
type Refusal struct {
	Kind     RefusalKind
	Position manifest.Position
	Reason   string
}

// Note is something that the reader should know and that is no finding.
type Note struct {
	Position manifest.Position
	Message  string
}

// Root is what gets deployed together.
type Root struct {
	// Name is unique: the folder, or the file of a stray manifest.
	Name string
	// Dir is the folder.
	Dir string
	// Kustomization is the kustomization file; "" for a plain root.
	Kustomization string
	// Manifests are the files of a plain root, sorted.
	Manifests []string
	// Folders are those of all kustomizations that it uses, itself included, sorted.
	Folders []string
	// Reads are all files that rendering it reads, sorted, as far as they exist.
	Reads []string
	// Refusals are why it must not be rendered; empty for a root that may be.
	Refusals []Refusal
	Notes    []Note
	// Schemas says that it uses crds or openapi, which change kustomize's global
	// state.
	Schemas bool
}

// Plain tells whether the root is one of plain manifests.
func (r Root) Plain() bool { return r.Kustomization == "" }

// Bucket is where a file ends in the summary; see lint.FileCounts.
type Bucket string

// The buckets.
const (
	Linted   Bucket = "linted"
	Patches  Bucket = "patches"
	Other    Bucket = "other"
	Ignored  Bucket = "ignored"
	Template Bucket = "templates"
	Unread   Bucket = "unread"
)

// File is one file with its bucket. Linted and Patches hold if one of the roots
// is rendered; see Repository.Buckets.
type File struct {
	Path   string
	Bucket Bucket
	// Reason says why, in words.
	Reason string
	// Position names the place of what is wrong in an unread file, and where it is
	// said that a file is ignored.
	Position manifest.Position
	// Roots are the names of the roots that read it, sorted.
	Roots []string
}

// RuleFolder holds rules of the repository's own. The manifests that test them,
// fail* and pass* beside a rule, are wrong on purpose, and nobody deploys them.
type RuleFolder struct {
	// Path is relative to the repository's top.
	Path string
	// Position is where the configuration names the folder.
	Position manifest.Position
}

// Kustomization returns the kustomization of a folder, or nil.
func (r *Repository) Kustomization(dir string) *Kustomization {
	for _, k := range r.Kustomizations {
		if k.Dir == dir {
			return k
		}
	}
	return nil
}
