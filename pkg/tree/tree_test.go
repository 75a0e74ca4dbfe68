package tree

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: nginx\n"

func TestAFileThatChangesInBetweenIsNotTouched(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pod.yaml")
	if err := os.WriteFile(file, []byte(pod), 0o644); err != nil {
		t.Fatal(err)
	}
	tree, err := Read(podspec.Builtin(), nil, []Input{{Path: "pod.yaml", Real: file}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan := tree.Decide(imagepull.Config{})
	if err := os.WriteFile(file, []byte("# somebody was here\n"+pod), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, err := range Each(plan, func(f *FilePlan) error { _, _, _, err := f.Change(); return err }) {
		if !errors.Is(err, errChanged) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestEntriesAreFoundInTheText(t *testing.T) {
	text := pod + "---\n" + "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: q}\n  spec:\n    containers: [{name: ä, image: x}]\n"
	tree, err := Read(podspec.Builtin(), nil, []Input{{Path: "-", Content: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := Each(tree.Decide(imagepull.Config{}), func(f *FilePlan) [][2]int {
		var at [][2]int
		for _, e := range f.Entries {
			at = append(at, [2]int{e.Line, e.Column})
		}
		return at
	})
	if len(got) != 1 || len(got[0]) != 2 || got[0][0] != [2]int{7, 12} || got[0][1] != [2]int{16, 35} {
		t.Errorf("%v", got)
	}
}

func TestFindFollowsFieldsWhoseNamesHoldDots(t *testing.T) {
	doc, err := yamledit.Parse([]byte("a:\n  b.c[0]: 1\n  b:\n    c: [x, y]\n  image: i\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.b.c[0]": "1", "a.b.c[1]": "y", "a.imagePullPolicy": "i", "a.b.c[0].x": "1"} {
		if got := find(doc.Root(), path).Text(); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestEntriesInStringsAreFoundInTheText(t *testing.T) {
	text := `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: w}
spec:
  templates:
  - resource:
      action: create
      manifest: |
        apiVersion: v1
        kind: Pod
        ---
        apiVersion: v1
        kind: Pod
        spec:
          containers: [{image: a}]
  - podSpecPatch: '{"containers": [{"image": "b"}]}'
    container: {image: "{{c}}"}
`
	c, err := imagepull.New(func() v1alpha1.ImagePullConfig {
		c := v1alpha1.Default()
		c.Embedded = true
		return c
	}())
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := Read(c.Table(), nil, []Input{{Path: "-", Content: []byte(text)}}, nil)
	got := Each(tree.Decide(c), func(f *FilePlan) []string {
		var at []string
		for _, e := range f.Entries {
			at = append(at, fmt.Sprintf("%d:%d %s", e.Line, e.Column, e.Path))
		}
		return at
	})
	want := []string{
		"15:32 spec.templates[0].resource.manifest (document 2): spec.containers[0].imagePullPolicy",
		"16:46 spec.templates[1].podSpecPatch: containers[0].imagePullPolicy",
		"17:24 spec.templates[1].container.image",
	}
	if len(got) != 1 || !slices.Equal(got[0], want) {
		t.Errorf("%q", got)
	}
	var images []string
	for _, i := range tree.Inventory(c) {
		images = append(images, i.Image)
	}
	if want := []string{"{{c}}", "a", "b"}; !slices.Equal(images, want) {
		t.Errorf("the images are %q", images)
	}
}
