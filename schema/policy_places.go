package schema

import (
	"regexp"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"github.com/secgen/secgen/manifest"
)

// place notes where the parts of a policy are written; value is the policy's.
func (p *Policy) place(value cue.Value, at *places) {
	p.Places = map[string]manifest.Position{}
	placeFields(value, "", at, p.Places)
	placeTraffic(value.LookupPath(cue.ParsePath("defaults")), p.Defaults, at)
	for name, n := range p.Namespaces {
		placeTraffic(value.LookupPath(cue.MakePath(cue.Str("namespaces"), cue.Str(name))), n, at)
	}
}

// placeFields notes the fields below a value that are written in the file.
func placeFields(value cue.Value, path string, at *places, into map[string]manifest.Position) {
	fields, err := value.Fields()
	for err == nil && fields.Next() {
		inner := path + "." + quotedLabel(fields.Selector().Unquoted())
		if pos := at.of(fields.Value()); pos.File == at.file {
			into[inner] = pos
		}
		placeFields(fields.Value(), inner, at, into)
	}
}

func placeTraffic(namespace cue.Value, n NamespacePolicy, at *places) {
	for key, list := range map[string][]Traffic{"ingress": n.Ingress, "egress": n.Egress} {
		items, err := namespace.LookupPath(cue.MakePath(cue.Str(key))).List()
		for i := 0; err == nil && items.Next() && i < len(list); i++ {
			list[i].Position = at.of(items.Value())
		}
	}
}

var plainLabel = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

func quotedLabel(name string) string {
	if plainLabel.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// Where names a part of the policy for a message, with file and line where it is
// written: secgen.cue:12:3: policy.namespaces.shop.nodes. keys lead to it.
func (p *Policy) Where(keys ...string) string {
	path := ""
	at := manifest.Position{File: ConfigFile}
	for _, key := range keys {
		path += "." + quotedLabel(key)
		if p != nil {
			if pos, ok := p.Places[path]; ok {
				at = pos
			}
		}
	}
	return at.String() + ": policy" + path
}

// WrittenIn gives the places of the policy another file, since a configuration may
// come from elsewhere. It may be nil.
func (p *Policy) WrittenIn(file string) {
	if p == nil {
		return
	}
	for path, pos := range p.Places {
		pos.File = file
		p.Places[path] = pos
	}
	for _, n := range p.Namespaces {
		n.writtenIn(file)
	}
	p.Defaults.writtenIn(file)
}

func (n NamespacePolicy) writtenIn(file string) {
	for _, list := range [][]Traffic{n.Ingress, n.Egress} {
		for i := range list {
			if !list[i].Position.IsZero() {
				list[i].Position.File = file
			}
		}
	}
}

// Like is a name of the known ones that was probably meant by one that is unknown,
// "" where none is near.
func Like(name string, known []string) string {
	most := max(2, len(name)/4)
	if len(name) < 4 {
		most = 1
	}
	best := nearest(name, known)
	if best == "" || editDistance(strings.ToLower(name), strings.ToLower(best)) > most {
		return ""
	}
	return best
}
