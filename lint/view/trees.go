package view

import (
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/pack"
)

// Trees are resources on their way to another process. Every node of them has a
// position with the name of a file, for which gob itself would need ten times the
// bytes, and time.
type Trees []*manifest.Resource

// GobEncode writes the resources.
func (t Trees) GobEncode() ([]byte, error) {
	return pack.Encode((*[]*manifest.Resource)(&t))
}

// GobDecode reads what GobEncode wrote.
func (t *Trees) GobDecode(data []byte) error {
	return pack.Decode(data, (*[]*manifest.Resource)(t))
}
