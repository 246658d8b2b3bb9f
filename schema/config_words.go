package schema

import (
	"fmt"
	"regexp"
	"slices"
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
	{regexp.MustCompile(`^invalid value (.+) \(out of bound >=([0-9]+)\)$`), "is $1; want at least $2"},
	{regexp.MustCompile(`^invalid value (.+) \(out of bound <=([0-9]+)\)$`), "is $1; want at most $2"},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound !~"\^system:"\)$`), "is $1; want a group of people, since system: groups hold everybody or the cluster itself"},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^\[0-9a-fA-F\.:\]\+/.*\)$`), "is $1; want a CIDR such as 10.0.0.0/8"},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^\[a-z0-9\]\(\[-.*\)$`), "is $1; want a name of lower case letters, digits and '-'"},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^\[1-9\]\[0-9\]\{0,4\}.*\)$`), "is $1; want a port such as \"443\" or a range such as \"8000-8080\""},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^\[0-9\]\+.*\)$`), "is $1; want a quantity such as \"500m\" or \"1Gi\""},
	{regexp.MustCompile(`^invalid value (".*") \(out of bound =~"\^v\?([13])\\\\\..*\)$`), "is $1; want a version such as \"$2.30\""},
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

var (
	noChoice = regexp.MustCompile(`^(.+): [0-9]+ errors in empty disjunction:$`)
	conflict = regexp.MustCompile(`^(.+): conflicting values ("[^"]*") and ("[^"]*")$`)
)

// joinChoices makes one error of those that CUE gives for a value that is none of
// several: one that names them all.
func joinChoices(problems Problems) Problems {
	var out Problems
	for i := 0; i < len(problems); i++ {
		p := problems[i]
		m := noChoice.FindStringSubmatch(p.Message)
		if m == nil {
			out = append(out, p)
			continue
		}
		var found string
		var choices []string
		at := p.Position
		for i+1 < len(problems) {
			c := conflict.FindStringSubmatch(problems[i+1].Message)
			if c == nil || c[1] != m[1] || found != "" && c[3] != found {
				break
			}
			i++
			found, choices, at = c[3], append(choices, c[2]), problems[i].Position
		}
		if len(choices) == 0 {
			out = append(out, p)
			continue
		}
		slices.Sort(choices)
		out = append(out, &Problem{Position: at, Message: fmt.Sprintf("%s is %s; want %s", m[1], found, strings.Join(choices, " or "))})
	}
	return out
}
