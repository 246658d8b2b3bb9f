package source

// Limits bounds what is read. Each refusal names its limit.
type Limits struct {
	// FileBytes is the largest file that is read.
	FileBytes int64
	// RootBytes is the most that one root may read in all. Whoever renders a root
	// adds it up: a Tree does not know roots.
	RootBytes int64
	// Depth is how deeply maps and lists may nest, with aliases expanded.
	Depth int
	// AliasNodes is how many values the aliases of one document may expand to.
	AliasNodes int
	// Documents is how many YAML documents a file may hold.
	Documents int
	// Nodes is how many values a file may hold; a parsed value takes some 200
	// bytes of memory.
	Nodes int
}

// raiseFile and RaiseRoot tell the way out of the limits on bytes.
const (
	raiseFile = "raise the limit with --max-file-size if the file is meant to be that large"
	RaiseRoot = "raise the limit with --max-root-size if the root is meant to be that large"
)

// DefaultLimits is far above what people commit: the largest file of the five
// repositories that were looked at has 1.3 MB and 25 levels.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:  5 << 20,
		RootBytes:  50 << 20,
		Depth:      100,
		AliasNodes: 100_000,
		Documents:  10_000,
		Nodes:      1_000_000,
	}
}
