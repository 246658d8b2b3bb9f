// Command builtin compiles the built-in rules into the file that is embedded into
// secgen:
//
//	go run ./schema/gen/builtin schema/builtin.json
package main

import (
	"fmt"
	"os"

	"github.com/secgen/secgen/schema"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: builtin FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(file string) error {
	set, err := schema.CompileBuiltin()
	if err != nil {
		return err
	}
	text, err := set.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
