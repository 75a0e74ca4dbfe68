package main

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/resid"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
	"github.com/pullable/pullable/pkg/corpus"
	"github.com/pullable/pullable/pkg/podspec"
)

// A shipped object is one that a well-known project ships inside its Go module.
type shipped struct {
	node *kyaml.RNode
	crd  bool
}

// shippedObjects reads the YAML files of package corpus as kpt reads a package: with the annotations that say where an object
// comes from, and with the style of its lists noted. Left out are
//
//   - exact copies: a project ships one manifest in many bundles, and a package would not;
//   - objects of kinds that pullable knows and the naive function does not;
//   - objects whose data kyaml changes by reading and writing them (folded scalars with a line further in grow): no output of
//     the naive function could be right there.
var shippedObjects = sync.OnceValues(func() (objects []shipped, err error) {
	files, err := corpus.Load()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, f := range files {
		if f.JSON() {
			continue // kpt reads YAML files only
		}
		bare, err := (&kio.ByteReader{Reader: bytes.NewReader(f.Bytes), OmitReaderAnnotations: true, DisableUnwrapping: true, WrapBareSeqNode: true}).Read()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		nodes, err := (&kio.ByteReader{
			Reader: bytes.NewReader(f.Bytes),
			//lint:ignore SA1019 kpt still sets the annotation that is deprecated
			SetAnnotations:    map[string]string{kioutil.PathAnnotation: f.Path, kioutil.LegacyPathAnnotation: f.Path},
			DisableUnwrapping: true,
			WrapBareSeqNode:   true,
			PreserveSeqIndent: true,
		}).Read()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for i, n := range nodes {
			if beyondNaive(n) {
				continue
			}
			// Without the annotations, in which copies in two files differ.
			text, err := bare[i].String()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
			if seen[text] {
				continue
			}
			seen[text] = true
			kept, err := kyamlKeeps(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
			if !kept {
				continue
			}
			objects = append(objects, shipped{n, n.GetKind() == "CustomResourceDefinition"})
		}
	}
	return objects, nil
})

// naiveKinds are those that ./naive edits.
var naiveKinds = []string{
	"/Pod", "/PodTemplate", "/ReplicationController", "apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "apps/DaemonSet",
	"extensions/Deployment", "extensions/ReplicaSet", "extensions/DaemonSet", "batch/Job", "batch/CronJob",
	"argoproj.io/Workflow", "argoproj.io/WorkflowTemplate", "argoproj.io/ClusterWorkflowTemplate", "argoproj.io/CronWorkflow",
}

// beyondNaive says that pullable knows the kind of an object, or of one in a list, and the naive function does not.
func beyondNaive(n *kyaml.RNode) bool {
	if items := n.Field("items"); items != nil && strings.HasSuffix(n.GetKind(), "List") {
		elements, _ := items.Value.Elements() // what is no list has none
		return slices.ContainsFunc(elements, beyondNaive)
	}
	group, version := resid.ParseGroupVersion(n.GetApiVersion())
	return podspec.Builtin().Lookup(group, version, n.GetKind()) != nil && !slices.Contains(naiveKinds, group+"/"+n.GetKind())
}

// kyamlKeeps says that the data of a document that kyaml wrote is still the same after kyaml has read and written it again.
func kyamlKeeps(text string) (bool, error) {
	n, err := kyaml.Parse(text)
	if err != nil {
		return false, err
	}
	again, err := n.String()
	if err != nil {
		return false, err
	}
	if again == text {
		return true, nil
	}
	var before, after any
	if err := yaml.Unmarshal([]byte(text), &before); err != nil {
		return false, err
	}
	if err := yaml.Unmarshal([]byte(again), &after); err != nil {
		return false, nil
	}
	return reflect.DeepEqual(before, after), nil
}

// pipe writes objects as kpt pipes them to a function.
func pipe(w io.Writer, objects []shipped) error {
	config, err := kyaml.Parse(manifests.FunctionConfig)
	if err != nil {
		return err
	}
	nodes := make([]*kyaml.RNode, len(objects))
	for i, o := range objects {
		nodes[i] = o.node
	}
	return kio.ByteWriter{
		Writer:                w,
		KeepReaderAnnotations: true,
		WrappingAPIVersion:    kio.ResourceListAPIVersion,
		WrappingKind:          kio.ResourceListKind,
		FunctionConfig:        config,
	}.Write(nodes)
}
