package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
)

// bench is what is measured, and on what.
type bench struct {
	secgen, self string
	// dir holds the copies of the corpus and the cache, and goes at the end.
	dir string
	// once and twice are repositories with one and two copies of the corpus.
	once, twice string
	// clusters is once with an environment for each root, which compile wants.
	clusters string
	// overlay is a repository of ten files, compiled another one like it.
	overlay, compiled string
	// roots are those that build, relative to once; all counts the others too.
	roots []string
	all   int
	// rules is how many there are, allRules the flag that selects them.
	rules    int
	allRules string
	// common and usual are patches that change between runs: the one that most of
	// the roots read, and one in the middle.
	common, usual patch
}

// patch is a patch and the number of the roots that read it.
type patch struct {
	file  string
	reach int
}

func prepare(secgen, corpus string) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "secgen-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{secgen: secgen, self: self, dir: dir, once: filepath.Join(dir, "once"), twice: filepath.Join(dir, "twice"),
		clusters: filepath.Join(dir, "clusters"), overlay: filepath.Join(dir, "overlay"), compiled: filepath.Join(dir, "compiled")}
	for _, to := range b.copies() {
		if err := os.CopyFS(to, os.DirFS(corpus)); err != nil {
			return nil, err
		}
		// Git's index would name the files of the original.
		if err := os.RemoveAll(filepath.Join(to, ".git")); err != nil {
			return nil, err
		}
	}
	for _, top := range []string{b.overlay, b.compiled} {
		if err := writeOverlay(top); err != nil {
			return nil, err
		}
	}
	if err := b.listRules(); err != nil {
		return nil, err
	}
	if err := b.choose(); err != nil {
		return nil, err
	}
	if err := b.configure(); err != nil {
		return nil, err
	}
	return b, b.check()
}

// copies are the folders that hold the corpus.
func (b *bench) copies() []string {
	return []string{b.once, filepath.Join(b.twice, "a"), filepath.Join(b.twice, "b"), b.clusters}
}

// configure makes a cluster of each root: the roots are variants of each other, and
// no cluster takes two of them.
func (b *bench) configure() error {
	var text strings.Builder
	text.WriteString("package bench\n\nenvironments: {\n")
	for i, root := range b.roots {
		fmt.Fprintf(&text, "\t\"root-%d\": roots: [%q]\n", i, root)
	}
	text.WriteString("}\n")
	return os.WriteFile(filepath.Join(b.clusters, "secgen.cue"), []byte(text.String()), 0o644)
}

// listRules asks secgen for the names of all its rules.
func (b *bench) listRules() error {
	out, err := exec.Command(b.secgen, "rules").Output()
	if err != nil {
		return fmt.Errorf("%s rules: %w", b.secgen, err)
	}
	var ids []string
	for line := range strings.Lines(string(out)) {
		if id, _, ok := strings.Cut(line, " "); ok && id != "RULE" {
			ids = append(ids, id)
		}
	}
	b.rules, b.allRules = len(ids), "--rule="+strings.Join(ids, ",")
	return nil
}

// choose finds the kustomizations that are roots, need nothing from elsewhere and
// build, and the patches.
func (b *bench) choose() error {
	tree, err := source.Open(b.once, source.DefaultLimits())
	if err != nil {
		return err
	}
	defer tree.Close()
	repo, err := discover.Discover(tree)
	if err != nil {
		return err
	}
	for _, root := range repo.Roots {
		if root.Plain() {
			continue
		}
		b.all++
		if len(root.Refusals) == 0 && b.loopOn([]string{root.Dir}).Run() == nil {
			b.roots = append(b.roots, root.Dir)
		}
	}
	var patches []patch
	for _, f := range repo.Files {
		p := patch{file: f.Path}
		for _, root := range f.Roots {
			if slices.Contains(b.roots, root) {
				p.reach++
			}
		}
		if f.Bucket == discover.Patches && p.reach > 0 {
			patches = append(patches, p)
		}
	}
	if len(patches) == 0 {
		return fmt.Errorf("%s: no root that builds reads a patch", b.once)
	}
	if err := b.prune(repo); err != nil {
		return err
	}
	slices.SortStableFunc(patches, func(a, b patch) int { return cmp.Compare(a.reach, b.reach) })
	b.usual, b.common = patches[len(patches)/2], patches[len(patches)-1]
	return nil
}

// prune takes the files from the copies that only other roots read: secgen renders
// whatever may concern the namespaces of the roots, and the loop does not.
func (b *bench) prune(repo *discover.Repository) error {
	for _, f := range repo.Files {
		if len(f.Roots) == 0 || slices.ContainsFunc(f.Roots, func(root string) bool { return slices.Contains(b.roots, root) }) {
			continue
		}
		for _, top := range b.copies() {
			if err := os.Remove(filepath.Join(top, filepath.FromSlash(f.Path))); err != nil {
				return err
			}
		}
	}
	return nil
}

// loopOn is the loop as a process.
func (b *bench) loopOn(roots []string) *exec.Cmd {
	cmd := exec.Command(b.self, append([]string{loopCommand, b.once}, roots...)...)
	cmd.Env = []string{"GOGC=400", "PATH="}
	return cmd
}

// lint is a run of secgen on a repository, with all rules. Caches are below dir,
// never the user's own.
func (b *bench) lint(top string, flags ...string) *exec.Cmd {
	cmd := exec.Command(b.secgen, append([]string{"lint", "--root", top, "--format", "json", b.allRules}, flags...)...)
	cmd.Dir = top
	cmd.Env = []string{"HOME=" + b.dir, "XDG_CACHE_HOME=" + filepath.Join(b.dir, "cache"), "PATH="}
	return cmd
}

// check makes sure that secgen does all of what it is measured at.
func (b *bench) check() error {
	cmd := b.lint(b.once, "--no-cache")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var report struct {
		Summary struct{ Roots, Rendered, Resources int }
	}
	text, err := io.ReadAll(out)
	if err != nil {
		return err
	}
	_ = cmd.Wait() // findings are no failure; what the report says is looked at instead
	if err := json.Unmarshal(text, &report); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	if s := report.Summary; s.Roots != len(b.roots) || s.Rendered != len(b.roots) || s.Resources == 0 {
		return fmt.Errorf("secgen rendered %d of %d roots with %d resources, and kustomize %d roots", s.Rendered, s.Roots, s.Resources, len(b.roots))
	}
	return nil
}
