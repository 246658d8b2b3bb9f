// Command builtin compiles the built-in rules into the file that is embedded into
// secgen, and writes their pages and, beside them, that of the policy:
//
//	go run ./schema/gen/builtin schema/builtin.bin docs/rules
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/secgen/secgen/schema"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: builtin FILE PAGES")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(file, pages string) error {
	set, err := schema.CompileBuiltin()
	if err != nil {
		return err
	}
	text, err := set.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	// Pages of rules that are gone go too.
	if err := os.RemoveAll(pages); err != nil {
		return err
	}
	if err := os.MkdirAll(pages, 0o755); err != nil {
		return err
	}
	for name, page := range set.Pages() {
		if err := os.WriteFile(filepath.Join(pages, name), page, 0o644); err != nil {
			return err
		}
	}
	page, err := schema.PolicyPage()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(pages), "policy.md"), page, 0o644)
}
