package podspec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/podspec/path"
)

// With gives a table in which these rows of a config go before the others.
// Errors name the row's field by its path, kinds[0].pods[0].shape.
func (t *Table) With(rows []v1alpha1.KindRow) (*Table, error) {
	if len(rows) == 0 {
		return t, nil
	}
	more, err := kindsOf(rows, Users)
	if err != nil {
		return nil, err
	}
	return &Table{more: append(more, t.more...), embedded: t.embedded}, nil
}

// Learn gives a table in which these rows, learnt from CustomResourceDefinitions,
// go after those of the config. They are for kinds that the table has no row for.
func (t *Table) Learn(rows []v1alpha1.KindRow) (*Table, error) {
	more, err := kindsOf(rows, Schema)
	if err != nil {
		return nil, err
	}
	return &Table{more: slices.Concat(t.more, more), embedded: t.embedded}, nil
}

func kindsOf(rows []v1alpha1.KindRow, by Author) ([]Kind, error) {
	more := make([]Kind, len(rows))
	for i, row := range rows {
		k := Kind{Group: row.Group, Versions: row.Versions, Kind: row.Kind, Source: row.Source, By: by}
		if row.Scope == v1alpha1.ScopeCluster {
			k.Scope = Cluster
		}
		for j, pod := range row.Pods {
			part, err := partOf(pod)
			if err != nil {
				return nil, fmt.Errorf("kinds[%d].pods[%d]%w", i, j, err)
			}
			k.Pods = append(k.Pods, part)
		}
		for j, object := range row.Objects {
			holder, err := holderOf(object)
			if err != nil {
				return nil, fmt.Errorf("kinds[%d].objects[%d]%w", i, j, err)
			}
			k.Objects = append(k.Objects, holder)
		}
		k.InText = !slices.ContainsFunc(k.Pods, func(p Part) bool { return !p.Path.Text() }) &&
			!slices.ContainsFunc(k.Objects, func(h Holder) bool { return !h.Path.Text() && !h.Object.Text() })
		if len(k.Pods)+len(k.Objects) == 0 {
			return nil, fmt.Errorf("kinds[%d]: it needs pods or objects", i)
		}
		more[i] = k
	}
	return more, nil
}

func holderOf(row v1alpha1.ObjectRow) (h Holder, err error) {
	h = Holder{Operation: row.Operation, Parameters: row.Parameters}
	if h.Path, err = path.Parse(row.Path); err != nil {
		return h, fmt.Errorf(".path: %w", err)
	}
	if row.Object != "" {
		if h.Object, err = path.Parse(row.Object); err != nil {
			return h, fmt.Errorf(".object: %w", err)
		}
	}
	h.When, err = conditionOf(row.When)
	return h, err
}

func conditionOf(s string) (c Condition, err error) {
	if s == "" {
		return c, nil
	}
	field, text, _ := strings.Cut(s, "=")
	if c.Path, err = path.Parse(field); err != nil {
		return c, fmt.Errorf(".when: %w", err)
	}
	c.Text = text
	return c, nil
}

func partOf(row v1alpha1.PodRow) (Part, error) {
	p, err := path.Parse(row.Path)
	if err != nil {
		return Part{}, fmt.Errorf(".path: %w", err)
	}
	part := Part{Path: p, Never: row.Never, WithoutImages: row.WithoutImages, Everywhere: row.Scope == v1alpha1.ScopeCluster}
	if part.When, err = conditionOf(row.When); err != nil {
		return Part{}, err
	}
	own := len(row.Images) > 0 || row.Secrets != ""
	switch {
	case row.Shape != "" && (own || len(row.Accounts) > 0):
		return Part{}, fmt.Errorf(".shape: the shape says where images and secrets stand; leave images, secrets and accounts out, or the shape")
	case row.Shape != "":
		if part.Shape = ShapeNamed(row.Shape); part.Shape == nil {
			return Part{}, fmt.Errorf(".shape: there is no shape %q; there are %s", row.Shape, shapeNames())
		}
		return part, nil
	case !own:
		return Part{}, fmt.Errorf(": it needs a shape, such as PodSpec, or images or secrets")
	case row.Secrets == "" && (row.SecretsForm != "" || row.SecretsExisting):
		return Part{}, fmt.Errorf(".secrets: it is missing, and without it secretsForm and secretsExisting mean nothing")
	}
	shape := &Shape{Accounts: row.Accounts}
	if row.Secrets != "" {
		shape.Secrets = SecretsField{Path: strings.Split(row.Secrets, "."), Existing: row.SecretsExisting, Form: map[v1alpha1.SecretsForm]SecretsForm{
			v1alpha1.SecretsStrings: Strings, v1alpha1.SecretsString: String, v1alpha1.SecretsObject: Object,
		}[row.SecretsForm]}
	}
	for i, image := range row.Images {
		field, err := imageFieldOf(image)
		if err != nil {
			return Part{}, fmt.Errorf(".images[%d]%w", i, err)
		}
		shape.Images = append(shape.Images, field)
	}
	part.Shape = shape
	return part, nil
}

func imageFieldOf(row v1alpha1.ImageRow) (ImageField, error) {
	f := ImageField{
		Policy: cmp.Or(row.Policy, "imagePullPolicy"), Lookup: row.Lookup, Prefix: row.Prefix, Tag: row.Tag, Scheme: row.Scheme,
		Policies: row.Policies, Never: row.Never,
	}
	if row.Path != "" {
		var err error
		if f.Path, err = path.Parse(row.Path); err != nil {
			return ImageField{}, fmt.Errorf(".path: %w", err)
		}
	}
	f.Image, f.List = strings.CutSuffix(cmp.Or(row.Image, "image"), "[]")
	switch row.Defaults {
	case "":
	case ".":
		f.Defaults = []string{""}
	default:
		f.Defaults = strings.Split(row.Defaults, ".")
	}
	if f.Policy == "none" {
		f.Policy = ""
	}
	if f.Policy == f.Image {
		return ImageField{}, fmt.Errorf(".policy: %q is the field of the image", f.Policy)
	}
	if f.List && f.Policy != "" {
		return ImageField{}, fmt.Errorf(".policy: a list of images has no field for each image's policy; write none")
	}
	return f, nil
}

func shapeNames() string {
	names := make([]string, len(withNames))
	for i, s := range withNames {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// Row gives a row in the form in which kinds.yaml and configs write it. What only
// the table itself can say (library) is left out.
func (k *Kind) Row() v1alpha1.KindRow {
	row := v1alpha1.KindRow{Group: k.Group, Versions: k.Versions, Kind: k.Kind, Source: k.Source}
	if k.Scope == Cluster {
		row.Scope = v1alpha1.ScopeCluster
	}
	for _, p := range k.Pods {
		pod := v1alpha1.PodRow{Path: p.Path.String(), Shape: p.Shape.Name, Never: p.Never, WithoutImages: p.WithoutImages, When: p.When.String()}
		if p.Everywhere {
			pod.Scope = v1alpha1.ScopeCluster
		}
		if p.Shape.Name == "" {
			s := p.Shape.Secrets
			pod.Secrets, pod.SecretsExisting = s.String(), s.Existing
			pod.Accounts = p.Shape.Accounts
			pod.SecretsForm = [...]v1alpha1.SecretsForm{"", v1alpha1.SecretsStrings, v1alpha1.SecretsString, v1alpha1.SecretsObject}[s.Form]
			for i := range p.Shape.Images {
				pod.Images = append(pod.Images, p.Shape.Images[i].row())
			}
		}
		row.Pods = append(row.Pods, pod)
	}
	for _, h := range k.Objects {
		row.Objects = append(row.Objects, v1alpha1.ObjectRow{
			Path: h.Path.String(), Object: h.Object.String(), When: h.When.String(), Operation: h.Operation, Parameters: h.Parameters,
		})
	}
	return row
}

func (f *ImageField) row() v1alpha1.ImageRow {
	row := v1alpha1.ImageRow{
		Path: f.Path.String(), Policy: cmp.Or(f.Policy, "none"), Lookup: f.Lookup, Prefix: f.Prefix, Tag: f.Tag, Scheme: f.Scheme,
		Defaults: strings.Join(f.Defaults, "."), Policies: f.Policies, Never: f.Never,
	}
	if len(f.Defaults) == 1 && f.Defaults[0] == "" {
		row.Defaults = "."
	}
	if row.Policy == "imagePullPolicy" {
		row.Policy = ""
	}
	if row.Image = f.Image; f.List {
		row.Image += "[]"
	}
	if row.Image == "image" && (row.Path != "" || row.Policy != "" || row.Never != "") {
		row.Image = ""
	}
	return row
}
