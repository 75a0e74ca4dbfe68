package filter_test

import (
	"log"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/filter"
)

func ExampleFilter() {
	config := v1alpha1.Default()
	config.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}}
	err := kio.Pipeline{
		Inputs: []kio.Reader{&kio.ByteReader{Reader: strings.NewReader(`
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx # no tag
`), OmitReaderAnnotations: true}},
		Filters: []kio.Filter{filter.Filter{Config: config}},
		Outputs: []kio.Writer{kio.ByteWriter{Writer: os.Stdout}},
	}.Execute()
	if err != nil {
		log.Fatal(err)
	}

	// Output:
	// apiVersion: v1
	// kind: Pod
	// metadata:
	//   name: web
	// spec:
	//   containers:
	//   - name: web
	//     image: nginx # no tag
	//     imagePullPolicy: Always
	//   imagePullSecrets:
	//   - name: regcred
}
