package lint

import (
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// Finding is one cause of one rule's violation, with every resource and root
// that it reaches. Its JSON form is a contract (docs/json.md).
type Finding struct {
	Rule        string             `json:"rule"`
	Severity    schema.Severity    `json:"severity"`
	Message     string             `json:"message"`
	Remediation string             `json:"remediation"`
	Position    manifest.Position  `json:"position"`
	Related     []manifest.Related `json:"related"`
	Resources   []ResourceRef      `json:"resources"`
	Roots       []string           `json:"roots"`
	Fingerprint string             `json:"fingerprint"`
	Fix         *Fix               `json:"fix"`
	Exception   *Exception         `json:"exception"`
	// Secret says that the source line holds a credential, which no report may
	// show.
	Secret bool `json:"-"`
	// Subjects are what the violations are about.
	Subjects []Subject `json:"-"`
}

// ResourceRef names a rendered resource that a finding concerns, and the field.
type ResourceRef struct {
	manifest.ID
	// Path is the field, as manifest.FieldPath prints it; "" for the whole object.
	Path  string   `json:"path"`
	Roots []string `json:"roots"`
}

// Fix is a change of the source that removes the finding's cause.
type Fix struct {
	Description string            `json:"description"`
	Range       manifest.Position `json:"range"`
	Text        string            `json:"text"`
}

// Exception is why a finding is accepted.
type Exception struct {
	Reason string `json:"reason"`
	Owner  string `json:"owner,omitempty"`
	// Expires is the last day, as YYYY-MM-DD, on which the exception holds.
	Expires string `json:"expires,omitempty"`
	// Position is where the exception is written.
	Position manifest.Position `json:"position"`
}

// Unread is a file or root that could not be read or rendered, or something in
// it that could not. Each one is also a finding of rule "unread".
type Unread struct {
	File   string `json:"file"`
	Root   string `json:"root"`
	Reason string `json:"reason"`
}

// Note is something that the reader should know and that is no finding.
type Note struct {
	Position manifest.Position `json:"position"`
	Message  string            `json:"message"`
}

// RuleOff is a rule of the profile that was switched off, and why.
type RuleOff struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// Problem is a failure of a rule, a policy or secgen itself (exit status 2).
type Problem struct {
	Rule     string            `json:"rule,omitempty"`
	Position manifest.Position `json:"position"`
	Message  string            `json:"message"`
}

// Report is all that a run of lint has to say. Slices are never nil, so that
// JSON shows [] for what is empty.
type Report struct {
	Version  int       `json:"version"`
	Tool     Tool      `json:"tool"`
	Profile  string    `json:"profile"`
	Findings []Finding `json:"findings"`
	Unread   []Unread  `json:"unread"`
	RulesOff []RuleOff `json:"rulesOff"`
	Errors   []Problem `json:"errors"`
	Notes    []Note    `json:"notes"`
	Summary  Summary   `json:"summary"`
	// Frameworks are there where the report was asked for by control.
	Frameworks []FrameworkReport `json:"frameworks,omitempty"`
	// Rules are those that ran, for formats that describe them (SARIF).
	Rules []*schema.Rule `json:"-"`
}

// Tool names the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Summary counts what was read and found. Findings counts those without an
// exception.
type Summary struct {
	Roots     int                     `json:"roots"`
	Rendered  int                     `json:"rendered"`
	Files     FileCounts              `json:"files"`
	Resources int                     `json:"resources"`
	Findings  map[schema.Severity]int `json:"findings"`
	Excepted  int                     `json:"excepted"`
}

// FileCounts puts every YAML and JSON file of the repository, and every other
// file that a kustomization reads, into exactly one bucket.
type FileCounts struct {
	// Linted files are manifests that were judged and kustomizations that were
	// rendered.
	Linted int `json:"linted"`
	// Patches are strategic merge and JSON 6902 patches that a root applied.
	Patches int `json:"patches"`
	// Other files are no manifests: Helm values, CI files, generators' files.
	Other int `json:"other"`
	// Ignored files were named by .secgenignore or, untracked, by .gitignore.
	Ignored int `json:"ignored"`
	// Templates hold {{ and nothing uses them as they are.
	Templates int `json:"templates"`
	// Unread files could not be read; each is a finding.
	Unread int `json:"unread"`
}
