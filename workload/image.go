package workload

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/secgen/secgen/manifest"
)

// Image is what an image reference names, with the defaults of container
// runtimes filled in.
type Image struct {
	// Registry is a host, with a port where the reference has one: docker.io,
	// de.icr.io, localhost:5000.
	Registry string
	// Repository is the path in the registry: library/nginx.
	Repository string
	// Tag is the tag that will be pulled: "latest" where the reference has neither
	// tag nor digest, "" where only a digest is given.
	Tag string
	// Tagged says that the reference names a tag.
	Tagged bool
	// Digest is sha256:..., "" where there is none.
	Digest string
}

// Name is registry and repository.
func (i Image) Name() string { return i.Registry + "/" + i.Repository }

// ParseImage reads an image reference. The error says what is wrong with it, be
// it that it holds an unresolved variable.
func ParseImage(reference string) (Image, error) {
	if reference == "" {
		return Image{}, fmt.Errorf("no image is named")
	}
	if manifest.Unresolved(reference) {
		return Image{}, fmt.Errorf("image %q holds a variable that is not resolved", reference)
	}
	base, digest, hasDigest := strings.Cut(reference, "@")
	tag, err := name.NewTag(base, name.WeakValidation, name.WithDefaultTag(""))
	if err != nil {
		return Image{}, fmt.Errorf("image %q: %w", reference, err)
	}
	if strings.Contains("/"+tag.RepositoryStr()+"/", "//") {
		return Image{}, fmt.Errorf("image %q: a part of the repository's path is empty", reference)
	}
	image := Image{Registry: tag.RegistryStr(), Repository: tag.RepositoryStr(), Tag: tag.TagStr(), Tagged: tag.TagStr() != ""}
	if image.Registry == name.DefaultRegistry {
		image.Registry = "docker.io"
	}
	switch {
	case hasDigest:
		parsed, err := name.NewDigest(tag.RegistryStr()+"/"+tag.RepositoryStr()+"@"+digest, name.WeakValidation)
		if err != nil {
			return Image{}, fmt.Errorf("image %q: %w", reference, err)
		}
		image.Digest = parsed.DigestStr()
	case !image.Tagged:
		image.Tag = "latest"
	}
	return image, nil
}
