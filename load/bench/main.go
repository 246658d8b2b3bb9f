// Command bench measures secgen against the least that a linter of kustomize
// repositories can do: a plain parallel loop of kustomize's own library over the
// same roots. Everything runs as whole processes, in turn, in the same minute, so
// that the ratios mean something on a machine that others use too.
//
// It knows the bars that the project set itself and prints them beside what it
// measured. It fails only where it could not measure: no test depends on the time
// of day of a machine. Peak memory is known on Linux only.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == loopCommand {
		exitOn(loop(os.Args[2], os.Args[3:]))
		return
	}
	exitOn(run())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	program := flag.String("secgen", "bin/secgen", "the program to measure")
	rounds := flag.Int("rounds", 5, "how often everything is measured")
	flag.Parse()
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		return errors.New("set SECGEN_CORPUS to a folder with a copy of kubeflow/manifests under manifests")
	}
	secgen, err := filepath.Abs(*program)
	if err != nil {
		return err
	}
	b, err := prepare(secgen, filepath.Join(corpus, "manifests"))
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	fmt.Printf("%d of %d roots build without the network; %d rules; %d rounds\npatches that change: %s, which %d of the roots read, and %s, which %d read\n\n",
		len(b.roots), b.all, b.rules, *rounds, b.usual.file, b.usual.reach, b.common.file, b.common.reach)
	results, err := b.measure(*rounds)
	if err != nil {
		return err
	}
	results.print(os.Stdout)
	return b.stages(os.Stdout, *rounds)
}
