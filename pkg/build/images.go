package build

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/pkg/util"
	"sigs.k8s.io/kustomize/api/types"
)

// keep stands for a name, tag or digest that stays as the kustomization has it.
const keep = "*"

// parseImage reads what `kustomize edit set image` takes. The rules are those of
// setImageOptions in kustomize v5.8.2, commands/edit/set/setimage.go.
func parseImage(text string) (types.Image, error) {
	of, to, renamed := strings.Cut(text, "=")
	if !renamed {
		of, to = "", text
	}
	name, tag, digest := util.SplitImageName(to)
	switch {
	case name == text:
		return types.Image{}, fmt.Errorf("--image %s: it must be NAME=NEWNAME, NAME=NEWNAME:TAG, NAME=NEWNAME@DIGEST, NAME:TAG or NAME@DIGEST, with a * for what is to stay as the kustomization has it", text)
	case of == "":
		return types.Image{Name: name, NewTag: tag, Digest: digest}, nil
	}
	return types.Image{Name: of, NewName: name, NewTag: tag, Digest: digest}, nil
}

// setImages puts images into the list of a kustomization.
func setImages(list []types.Image, texts []string) ([]types.Image, error) {
	set := map[string]types.Image{}
	for _, text := range texts {
		image, err := parseImage(text)
		if err != nil {
			return nil, err
		}
		set[image.Name] = image
	}
	for _, there := range list {
		image, given := set[there.Name]
		if !given {
			set[there.Name] = there
			continue
		}
		set[there.Name] = kept(image, there)
	}
	images := make([]types.Image, 0, len(set))
	for _, image := range set {
		images = append(images, kept(image, types.Image{}))
	}
	slices.SortFunc(images, func(a, b types.Image) int { return strings.Compare(a.Name, b.Name) })
	return images, nil
}

// kept fills in what stays. Of the image that is there nothing else is kept, a
// suffix of its tag neither.
func kept(image, there types.Image) types.Image {
	for _, field := range [...]struct {
		of   *string
		stay string
	}{{&image.NewName, there.NewName}, {&image.NewTag, there.NewTag}, {&image.Digest, there.Digest}} {
		if *field.of == keep {
			*field.of, image.TagSuffix = field.stay, ""
		}
	}
	return image
}
