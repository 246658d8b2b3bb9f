package kube

import "strings"

// nearest is the field of a type that a misspelled one was meant to be, or "".
// Two of five characters may differ, or only their case; where two fields are as
// near, none is named.
func nearest(t *typ, name string) string {
	best, distance, tie := "", (len(name)+2)/3+1, false
	for i := range t.fields {
		known := t.fields[i].name
		d := editDistance(strings.ToLower(name), strings.ToLower(known))
		switch {
		case d < distance:
			best, distance, tie = known, d, false
		case d == distance && best != "":
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}

// editDistance is the number of bytes to insert, delete, replace or swap with
// the next one.
func editDistance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
