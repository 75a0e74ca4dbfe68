package build

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/podspec"
)

// NameReferences writes the part of a kustomize configuration that tells where
// the kinds of a table name their pull secrets, so that kustomize gives these
// names the prefixes, suffixes and hashes of their Secrets. Left out are the
// places that kustomize knows, and those for which it has no paths: fields below
// keys that are not known beforehand, and the text of strings.
func NameReferences(t *podspec.Table) []byte {
	var out strings.Builder
	out.WriteString("nameReference:\n- kind: Secret\n  version: v1\n  fieldSpecs:\n")
	found := references(t)
	if len(found) == 0 {
		return nil
	}
	for _, r := range found {
		out.WriteString("  - ")
		if r.group != "" {
			fmt.Fprintf(&out, "group: %s\n    ", r.group)
		}
		fmt.Fprintf(&out, "kind: %s\n    path: %s\n", r.kind, r.path)
	}
	return []byte(out.String())
}

// reference is a field that names pull secrets, as kustomize writes it.
type reference struct{ group, kind, path string }

func references(t *podspec.Table) []reference {
	var all []reference
	for _, k := range t.Kinds() {
		for _, pod := range k.Pods {
			secretPaths(pod.Path, pod.Shape, nil, func(p string) {
				if r := (reference{k.Group, k.Kind, p}); !known(r) {
					all = append(all, r)
				}
			})
		}
	}
	slices.SortFunc(all, func(a, b reference) int {
		return cmp.Or(strings.Compare(a.group, b.group), strings.Compare(a.kind, b.kind), strings.Compare(a.path, b.path))
	})
	return slices.Compact(all)
}

// secretPaths calls f for each field of a shape, and of the shapes in it, that
// names pull secrets.
func secretPaths(at podspec.Path, shape *podspec.Shape, above []*podspec.Shape, f func(string)) {
	if slices.Contains(above, shape) || slices.ContainsFunc(at, func(s podspec.Step) bool { return s.Values || s.Text }) {
		return
	}
	above = append(slices.Clip(above), shape)
	if len(shape.Secrets.Path) > 0 {
		fields := make([]string, 0, len(at)+len(shape.Secrets.Path)+1)
		for _, step := range at {
			if step.Field != "" {
				// kustomize goes through lists by itself.
				fields = append(fields, step.Field)
			}
		}
		fields = append(fields, shape.Secrets.Path...)
		if shape.Secrets.Form == podspec.Objects || shape.Secrets.Form == podspec.Object {
			fields = append(fields, "name")
		}
		for i := range fields {
			fields[i] = strings.ReplaceAll(fields[i], "/", `\/`)
		}
		f(strings.Join(fields, "/"))
	}
	for _, part := range shape.Parts {
		secretPaths(append(slices.Clip(at), part.Path...), part.Shape, above, f)
	}
}

// known says whether kustomize's own configuration has a reference: that for
// Secrets in api/internal/konfig/builtinpluginconsts/namereference.go, which
// mostly asks for the kind alone.
func known(r reference) bool {
	switch r.kind {
	case "Pod":
		return r.group == "" && r.path == "spec/imagePullSecrets/name"
	case "PodTemplate":
		return r.path == "template/spec/imagePullSecrets/name"
	case "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job":
		return r.path == "spec/template/spec/imagePullSecrets/name"
	case "CronJob":
		return r.path == "spec/jobTemplate/spec/template/spec/imagePullSecrets/name"
	}
	return false
}
