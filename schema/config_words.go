package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// settingWords says CUE's errors about a setting in the words of somebody who has
// never written CUE. %s is the setting; $1 and so on are what the pattern caught.
var settingWords = []struct {
	pattern *regexp.Regexp
	words   string
}{
	{regexp.MustCompile(`^conflicting values (.+) and .+ \(mismatched types [a-z]+ and ([a-z]+)\)$`), "is $1; want a $2"},
	{regexp.MustCompile(`^invalid value "" \(does not satisfy strings\.MinRunes\(1\)\)$`), "is empty; write something there or remove it"},
	{regexp.MustCompile(`^invalid value ("(?:/|(?:.*/)?\.\.).*") \(out of bound !~.*\)$`), "is $1; want a folder of the repository, named from its top"},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^\[0-9\]\{4\}.*\)$`), "is $1; want a date, YYYY-MM-DD"},
	{regexp.MustCompile(`^invalid value (.+) \(out of bound .*\)$`), "is $1, which is not of the form that it must have"},
	{regexp.MustCompile(`^incompatible list lengths \(0 and 1\)$`), "is an empty list; name at least one or remove it"},
	{regexp.MustCompile(`^incomplete value .*$`), "has no value; write one"},
	{regexp.MustCompile(`^field is required but not present$`), "is missing"},
	{regexp.MustCompile(`^conflicting values (.+) and (.+)$`), "has conflicting values, $1 and $2; remove one"},
}

var typeWords = strings.NewReplacer("want a bool", "want true or false", "want a int", "want a number", "want a struct", "want fields in { }")

// plainly says an error of CUE, "setting: what is wrong", in plain words.
func plainly(message string) string {
	setting, wrong, ok := strings.Cut(message, ": ")
	if !ok {
		return message
	}
	for _, w := range settingWords {
		if w.pattern.MatchString(wrong) {
			return fmt.Sprintf("%s %s", setting, typeWords.Replace(w.pattern.ReplaceAllString(wrong, w.words)))
		}
	}
	return message
}
