package schema

import "embed"

// module is the CUE module as users import it, with the built-in rules.
//
//go:embed cue.mod/module.cue *.cue rules/*/*.cue rules/*/*/*.cue
var module embed.FS
