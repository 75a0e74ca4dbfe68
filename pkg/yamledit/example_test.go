package yamledit_test

import (
	"fmt"
	"log"
	"os"

	"github.com/pullable/pullable/pkg/yamledit"
)

func Example() {
	src := []byte(`# who deploys this?
metadata: {labels: {app: web}}
spec:
    replicas:   3     # see the runbook
    args:
        - --verbose
`)
	doc, err := yamledit.Parse(src)
	if err != nil {
		log.Fatal(err)
	}
	metadata, _ := doc.Root().Get("metadata")
	labels, _ := metadata.Get("labels")
	spec, _ := doc.Root().Get("spec")

	tier, err := labels.After("tier", "app")
	if err != nil {
		log.Fatal(err)
	}
	paused, err := spec.After("paused", "replicas")
	if err != nil {
		log.Fatal(err)
	}
	args, err := spec.List("args", "")
	if err != nil {
		log.Fatal(err)
	}
	edits, err := args.Edit([]int{0}, []yamledit.Value{yamledit.Text("quiet"), yamledit.Text("yes")})
	if err != nil {
		log.Fatal(err)
	}
	edits = append(edits,
		yamledit.Edit{Place: tier, Value: yamledit.Text("front")},
		yamledit.Edit{Place: paused, Value: yamledit.Map("until", yamledit.Text("2027"))},
	)
	if err := yamledit.Splice(os.Stdout, src, edits); err != nil {
		log.Fatal(err)
	}

	// Output:
	// # who deploys this?
	// metadata: {labels: {app: web, tier: front}}
	// spec:
	//     replicas:   3     # see the runbook
	//     paused:
	//       until: "2027"
	//     args:
	//         - quiet
	//         - "yes"
}

func ExampleNode_Get() {
	doc, err := yamledit.Parse([]byte("base: &base {image: nginx}\nweb:\n  <<: *base\n  name: web\n"))
	if err != nil {
		log.Fatal(err)
	}
	web, _ := doc.Root().Get("web")
	for _, key := range []string{"name", "image"} {
		v, own := web.Get(key)
		fmt.Println(key, v.Text(), own)
	}
	// Output:
	// name web true
	// image nginx false
}

func ExampleEditError() {
	doc, err := yamledit.Parse([]byte("a: &shared b\nc: *shared\n"))
	if err != nil {
		log.Fatal(err)
	}
	a, _ := doc.Root().Get("a")
	_, err = a.Replace()
	fmt.Println(err)
	// Output:
	// line 1: other places use this value by its anchor
}

func ExampleNode_Embedded() {
	src := []byte("name: hello\nmanifest: |-\n  kind: Pod # of the test\n  spec: {nodeName: a}\npatch: \"kind: Pod\\n\"\n")
	doc, err := yamledit.Parse(src)
	if err != nil {
		log.Fatal(err)
	}
	var edits []yamledit.Edit
	for _, key := range []string{"manifest", "patch"} {
		held, _ := doc.Root().Get(key)
		docs, err := held.Embedded()
		if err != nil {
			log.Fatal(err)
		}
		place, err := docs[0].Root().After("apiVersion", "kind")
		if err != nil {
			log.Fatal(err)
		}
		edits = append(edits, yamledit.Edit{Place: place, Value: yamledit.Text("v1")})
	}
	if err := yamledit.Splice(os.Stdout, src, edits); err != nil {
		log.Fatal(err)
	}
	// Output:
	// name: hello
	// manifest: |-
	//   kind: Pod # of the test
	//   apiVersion: v1
	//   spec: {nodeName: a}
	// patch: "kind: Pod\napiVersion: v1\n"
}
