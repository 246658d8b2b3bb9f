package schema

import "embed"

// module is the CUE module as users import it, with the built-in rules and the
// fixtures that their pages show.
//
//go:embed cue.mod/module.cue *.cue rules/*/*.cue rules/*/*/*.cue rules/*/*/fail.yaml rules/*/*/pass.yaml
var module embed.FS
