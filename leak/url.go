package leak

import (
	"regexp"
	"strings"
)

var (
	userInfo   = regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://([^\s/:@"'<>]*):([^\s/@"'<>]+)@[A-Za-z0-9\[]`)
	assignment = regexp.MustCompile(`(?i)(?:^|[\s;?&])(?:password|pwd)=([^;&\s"']+)`)
)

// urlWithPassword tells whether a URL of the text has a password in it.
func urlWithPassword(text string, lines bool) bool {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return false
	}
	return eachLine(text, lines, func(line string) bool {
		for _, m := range userInfo.FindAllStringSubmatch(line, 20) {
			if realPassword(m[2]) {
				return true
			}
		}
		return false
	})
}

// connectionString tells whether the text has a password among the parts of a
// connection string: host=db user=shop password=..., Server=db;Password=...,
// jdbc:...?user=shop&password=...
func connectionString(text string, lines bool) bool {
	if !strings.Contains(text, "=") {
		return false
	}
	return eachLine(text, lines, func(line string) bool {
		if strings.Count(line, "=") < 2 || !strings.ContainsAny(line, "; &?") {
			return false
		}
		lower := strings.ToLower(line)
		if !strings.Contains(lower, "host=") && !strings.Contains(lower, "server=") && !strings.Contains(lower, "jdbc:") && !strings.Contains(lower, "data source=") {
			return false
		}
		for _, m := range assignment.FindAllStringSubmatch(line, 20) {
			if realPassword(m[1]) {
				return true
			}
		}
		return false
	})
}

// realPassword leaves out what documentation writes.
func realPassword(p string) bool {
	switch strings.ToLower(p) {
	case "password", "passwd", "pass", "pwd", "pw", "secret", "token", "x-oauth-basic", "user":
		return false
	}
	return len(p) >= 3 && literal(p+"----") && !strings.Contains(p, "$") && !strings.Contains(p, "%s") && !strings.ContainsAny(p, "*{}[]()")
}

func eachLine(text string, lines bool, is func(string) bool) bool {
	if !lines {
		return is(text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if !comment(strings.TrimSpace(line)) && is(line) {
			return true
		}
	}
	return false
}
