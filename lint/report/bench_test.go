package report

import (
	"fmt"
	"io"
	"testing"

	"github.com/secgen/secgen/lint"
)

// BenchmarkWrite writes 10,000 findings of 100 files.
func BenchmarkWrite(b *testing.B) {
	one := shop()
	r := *one.report
	r.Findings = nil
	sources := files{}
	for i := range 10_000 {
		f := one.report.Findings[i%2]
		f.Position.File = fmt.Sprintf("apps/app-%d/deployment.yaml", i/100)
		f.Fingerprint = fmt.Sprint(i)
		sources[f.Position.File] = one.sources["base/deployment.yaml"]
		r.Findings = append(r.Findings, f)
	}
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				write(b, format, &r, sources)
			}
		})
	}
}

func write(b *testing.B, format string, r *lint.Report, sources Sources) {
	if err := Write(io.Discard, format, r, Options{Sources: sources}); err != nil {
		b.Fatal(err)
	}
}
