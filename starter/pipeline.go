package starter

import (
	"fmt"
	"strings"
)

// Where the files belong, relative to the repository's top.
const (
	HookFile     = ".pre-commit-config.yaml"
	WorkflowFile = ".github/workflows/secgen.yaml"
)

// HookEntry is the item of repos in HookFile.
func HookEntry(f *Found) string {
	return fmt.Sprintf(`  - repo: local
    hooks:
      - id: secgen-lint
        name: secgen lint
        # secgen is not installed by pre-commit: it has to be on everybody's PATH.
        entry: %s
        language: system
        # An overlay can break through a change in any file that it reads.
        always_run: true
        pass_filenames: false
        require_serial: true
`, f.Command())
}

// Hook is the text of HookFile.
func Hook(f *Found) []byte {
	return []byte("# Run 'pre-commit install' once in each clone.\nrepos:\n" + HookEntry(f))
}

// Step is what any CI has to run, as lines of a shell.
func Step(f *Found) string {
	return install(f) + "\n" + f.Command() + "\n"
}

// install is how a machine with Go gets secgen, as one line of a shell.
func install(f *Found) string {
	version := f.Version
	if version == "" {
		version = "latest"
	}
	return "go install " + modulePath + "/cmd/secgen@" + version
}

// modulePath is secgen's Go module.
const modulePath = "github.com/secgen/secgen"

// Workflow is the text of WorkflowFile: lint on every pull request, with the
// findings in the pull request and in the repository's code scanning.
func Workflow(f *Found) []byte {
	return []byte(strings.NewReplacer("INSTALL", install(f), "COMMAND", f.Command()).Replace(workflow))
}

const workflow = `# secgen on pull requests and on what was merged. It assumes
#  - that Go can fetch secgen's module. Where it cannot, check its source out in a step
#    of its own, and run 'go install ./cmd/secgen' there instead;
#  - that code scanning is enabled for this repository. Where it is not, drop the upload
#    and its permission, and let lint print --format github,text;
#  - that these versions of the actions are yours to use. Pin them to a commit if that
#    is your rule.
# A pull request can change secgen.cue. To judge it by the file that was merged before,
# give lint --config with a copy of that one.
name: secgen

on:
  pull_request:
  push:
    branches: [main, master]

permissions:
  contents: read
  security-events: write # to upload the findings

jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-go@v6
        with:
          go-version: stable
      - name: Install secgen
        run: INSTALL
      - name: Lint
        run: COMMAND --format sarif=secgen.sarif,text
      - name: Upload the findings
        if: ${{ !cancelled() && hashFiles('secgen.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: secgen.sarif
          category: secgen
`
