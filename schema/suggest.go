package schema

import (
	"fmt"
	"slices"
	"strings"
)

// didYouMean is ` (did you mean "x"?)` for the name nearest to a misspelled one,
// or the list of names where there are few and none is near.
func didYouMean(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 {
		return ""
	}
	known = slices.Sorted(slices.Values(known))
	const most = 12
	if len(known) > most {
		return fmt.Sprintf("; it has %s and %d others", strings.Join(known[:most], ", "), len(known)-most)
	}
	return "; known are " + strings.Join(known, ", ")
}

// whichRule is the same for the name of a rule, of which there are many.
func whichRule(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; 'secgen rules' lists them all"
}

// nearest is the known name that is most like another one, "" where none is.
func nearest(name string, known []string) string {
	best, distance := "", len(name)/2+1
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// editDistance is the number of characters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}
