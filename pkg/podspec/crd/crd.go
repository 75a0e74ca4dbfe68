package crd

import (
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Is says whether an object of this group and kind is a CustomResourceDefinition.
func Is(group, kind string) bool {
	return kind == "CustomResourceDefinition" && group == "apiextensions.k8s.io"
}

// GroupOf gives the group of the kind that a CustomResourceDefinition of this
// name defines; the API server takes no other name than PLURAL.GROUP.
func GroupOf(name string) string {
	_, group, _ := strings.Cut(name, ".")
	return group
}

// A Name names a version of a kind.
type Name = podspec.Name

// Teaches gives the kind that a CustomResourceDefinition may teach, "" where
// there is nothing to learn: it does not say its kind, or names no field of a
// pull policy or a pull secret at all, which takes no look at its schema. A name
// that is written with escapes is not seen.
func Teaches(definition yamledit.Node) string {
	if !definition.Mentions("ullPolicy", "ullSecret") {
		return ""
	}
	return kindOf(definition)
}

// Wanted says which kinds are to be learnt, and in which versions.
type Wanted struct {
	Kind    func(group, kind string) bool
	Version func(Name) bool
}

// Source is the source of the rows that a CustomResourceDefinition teaches.
func Source(name string) string { return "CustomResourceDefinition " + name }

// Rows gives the rows that a CustomResourceDefinition, of apiextensions.k8s.io
// v1 or v1beta1, teaches for those versions of its kind that are wanted. Versions
// whose schemas teach the same share a row. One that is malformed, or larger than
// any that an API server takes, teaches nothing.
func Rows(definition yamledit.Node, wanted func(Name) bool) []v1alpha1.KindRow {
	metadata := field(definition, "metadata")
	spec := field(definition, "spec")
	row := v1alpha1.KindRow{
		Group:  strings.Clone(text(spec, "group")),
		Kind:   strings.Clone(kindOf(definition)),
		Source: Source(text(metadata, "name")),
	}
	if text(spec, "scope") == "Cluster" {
		row.Scope = v1alpha1.ScopeCluster
	}
	// In v1beta1 one schema may stand for all versions, and one version for the list.
	shared := field(field(spec, "validation"), "openAPIV3Schema")
	var rows []v1alpha1.KindRow
	learn := func(version string, schema yamledit.Node) {
		if version == "" || row.Kind == "" || !wanted(Name{Group: row.Group, Version: version, Kind: row.Kind}) {
			return
		}
		if !schema.Exists() {
			schema = shared
		}
		pods, ok := pods(schema)
		if !ok || len(pods) == 0 {
			return
		}
		for i := range rows {
			if slices.EqualFunc(rows[i].Pods, pods, equal) {
				rows[i].Versions = append(rows[i].Versions, strings.Clone(version))
				return
			}
		}
		row := row
		row.Versions, row.Pods = []string{strings.Clone(version)}, pods
		rows = append(rows, row)
	}
	versions := field(spec, "versions")
	for _, v := range versions.Items() {
		learn(text(v, "name"), field(field(v, "schema"), "openAPIV3Schema"))
	}
	if versions.Len() == 0 {
		learn(text(spec, "version"), yamledit.Node{})
	}
	return rows
}

func kindOf(definition yamledit.Node) string {
	return text(field(field(definition, "spec"), "names"), "kind")
}

func field(n yamledit.Node, key string) yamledit.Node {
	v, _ := n.Get(key)
	return v
}

func text(n yamledit.Node, key string) string {
	v, _ := n.Get(key)
	if v.Kind() != yamledit.String {
		return ""
	}
	return v.Text()
}

func equal(a, b v1alpha1.PodRow) bool {
	same := func(a, b v1alpha1.ImageRow) bool {
		p, q := a.Policies, b.Policies
		a.Policies, b.Policies = nil, nil
		return slices.Equal(p, q) && a.Path == b.Path && a.Image == b.Image && a.Policy == b.Policy && a.Prefix == b.Prefix &&
			a.Tag == b.Tag && a.Defaults == b.Defaults && a.Never == b.Never
	}
	return a.Path == b.Path && a.Shape == b.Shape && slices.EqualFunc(a.Images, b.Images, same) &&
		a.Secrets == b.Secrets && a.SecretsForm == b.SecretsForm && slices.Equal(a.Accounts, b.Accounts)
}
