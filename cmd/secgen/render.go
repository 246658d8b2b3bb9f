package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/manifest"
)

const renderLong = `Render prints every resource of the selected roots in full, as it would be deployed:
one YAML document each, with a comment that names the root and the file that
brought the resource in. With --provenance a comment behind each value names the
line of the source that set it; ~ in front of it says that the place is approximate.

The values of Secrets are printed too.`

func (a *app) renderCommand() *cobra.Command {
	var flags limitFlags
	var provenance bool
	cmd := &cobra.Command{
		Use:   "render [PATH...]",
		Short: "Print the rendered manifests, and where each field comes from",
		Long:  renderLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.render(cmd.Context(), args, &flags, provenance)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&provenance, "provenance", false, "say behind each value which line of the source set it")
	return cmd
}

func (a *app) render(ctx context.Context, paths []string, flags *limitFlags, provenance bool) error {
	flags.warm = true
	s, err := a.open(paths, flags)
	if err != nil {
		return err
	}
	defer s.close()
	if len(s.selected) == 0 {
		return fmt.Errorf("nothing to render: no manifest and no kustomization at or below %s", strings.Join(s.paths, ", "))
	}
	s.full = true
	results, err := s.render(ctx, s.selected, nil, func() {})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(a.out)
	unread := false
	for _, r := range results {
		for _, u := range r.unread {
			unread = true
			fmt.Fprintf(a.err, "%s: %s\n", u.Position, u.Reason)
		}
		for _, res := range r.answer.Resources {
			text, err := printed(res, r.root.Name, provenance)
			if err != nil {
				return fmt.Errorf("print %s of root %s: %w", res.ID, r.root.Name, err)
			}
			if _, err := out.Write(text); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, f := range s.unreadFiles() {
		fmt.Fprintf(a.err, "%s: %s\n", f.Position, f.Reason)
		unread = true
	}
	if unread {
		return exitError(exitFindings)
	}
	return nil
}

// printed is one resource as a YAML document with its separator.
func printed(r *manifest.Resource, root string, provenance bool) ([]byte, error) {
	var comment func(manifest.Position) string
	if provenance {
		comment = func(p manifest.Position) string {
			if p.Approximate && !p.IsZero() {
				return "~" + p.String()
			}
			return p.String()
		}
	}
	text, err := r.Object.EncodeYAML(comment)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\n# root %q, from %s\n", root, strings.ReplaceAll(r.Origin.Position.String(), "\n", `\n`))
	b.Write(text)
	return b.Bytes(), nil
}
