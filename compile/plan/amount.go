package plan

import (
	"fmt"
	"math"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/compile/inventory"
)

// Term is one summand of an amount: Count times Each.
type Term struct {
	// Who is the workload, as Kind/name.
	Who   string
	Count int64
	Each  resource.Quantity
	// Why derives Count, From are the fields that it comes from.
	Why  string
	From []inventory.Field
}

// Amount is a number with its derivation.
type Amount struct {
	// Resource is the quota's name of what is counted: requests.cpu.
	Resource string
	Terms    []Term
	// Headroom is the factor on the sum of the terms; 0 where there is none.
	Headroom float64
	Value    resource.Quantity
	// Note derives an amount without terms.
	Note string
}

// ByPolicy is the note of an amount that the policy says.
const ByPolicy = "by policy"

// sum adds up the terms.
func (a Amount) sum() resource.Quantity {
	var total resource.Quantity
	for _, t := range a.Terms {
		each := t.Each.DeepCopy()
		each.Mul(t.Count)
		total.Add(each)
	}
	return total
}

// Lines derive the amount, for people: the sum first, then a line a term.
func (a Amount) Lines() []string {
	if len(a.Terms) == 0 {
		return []string{fmt.Sprintf("%s %s: %s", a.Resource, a.Value.String(), a.Note)}
	}
	total := a.sum()
	text := fmt.Sprintf("%s %s = %s at the peak", a.Resource, a.Value.String(), total.String())
	if a.Headroom > 0 {
		text += fmt.Sprintf(" x %g headroom, rounded up", a.Headroom)
	}
	out := []string{text}
	for _, t := range a.Terms {
		line := fmt.Sprintf("  %s: %d x %s", t.Who, t.Count, t.Each.String())
		if t.Why != "" {
			line += " (" + t.Why + ")"
		}
		if len(t.From) > 0 {
			fields := make([]string, len(t.From))
			for i, f := range t.From {
				fields[i] = f.String()
			}
			line += " from " + strings.Join(fields, ", ")
		}
		out = append(out, line)
	}
	return out
}

// scaled is the sum of the terms times the headroom, rounded up to what people
// can read.
func (a Amount) scaled() resource.Quantity {
	total := a.sum()
	return readable(a.Resource, total, max(a.Headroom, 1))
}

// readable multiplies an amount and rounds it up: cores to 50m, 100m and whole
// ones, bytes to 64Mi, 256Mi and 1Gi, storage to 1Gi, and counts to 1, 5 and 10,
// each the larger step the larger the amount is.
func readable(name string, q resource.Quantity, factor float64) resource.Quantity {
	const mi = 1 << 20
	const gi = 1 << 30
	switch {
	case strings.HasSuffix(name, "cpu"):
		milli := up(float64(q.MilliValue())*factor, band{1000, 50}, band{10_000, 100}, band{0, 1000})
		return *resource.NewMilliQuantity(milli, resource.DecimalSI)
	case strings.HasSuffix(name, "memory"), strings.HasSuffix(name, "ephemeral-storage"):
		return *resource.NewQuantity(up(float64(q.Value())*factor, band{gi, 64 * mi}, band{10 * gi, 256 * mi}, band{0, gi}), resource.BinarySI)
	case strings.HasSuffix(name, "storage"):
		return *resource.NewQuantity(up(float64(q.Value())*factor, band{100 * gi, gi}, band{0, 10 * gi}), resource.BinarySI)
	}
	return *resource.NewQuantity(up(float64(q.Value())*factor, band{20, 1}, band{100, 5}, band{0, 10}), resource.DecimalSI)
}

// band is a step for amounts up to a limit; 0 stands for any.
type band struct{ upTo, step float64 }

// up rounds an amount up to the step of its band. What floating point adds to a
// whole number does not count.
func up(amount float64, bands ...band) int64 {
	amount = math.Ceil(math.Round(amount*1000) / 1000)
	for _, b := range bands {
		if b.upTo == 0 || amount <= b.upTo {
			return int64(math.Ceil(amount/b.step) * b.step)
		}
	}
	return int64(amount)
}

// countNote derives a number of objects.
func countNote(count int64, headroom float64) string {
	return fmt.Sprintf("the repository has %d, x %g headroom, rounded up", count, headroom)
}
