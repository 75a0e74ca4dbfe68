package examples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/corpus"
)

// realModules are the modules whose manifests the API server is asked about, and realDefinitions the folders of the
// definitions that it needs for them.
var (
	realModules     = []string{"k8s.io/kubernetes@", "github.com/argoproj/", "sigs.k8s.io/jobset@", "knative.dev/serving@"}
	realDefinitions = []string{"manifests/base/crds/minimal/", "manifests/crds/", "config/components/crd/bases/"}
)

// elsewhere are parts of paths of files that would cost more time than they are worth: variants of one object in many states.
var elsewhere = []string{"resource_customizations/", "cmd/lint/testdata/", "controller/testdata/"}

// realFiles are the files that hold an image and that pullable may therefore change, each content once.
func realFiles(t *testing.T) (files, definitions []corpus.File) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range corpus.Files(t) {
		if seen[string(f.Bytes)] || !slices.ContainsFunc(realModules, func(m string) bool { return strings.HasPrefix(f.Module, m) }) {
			continue
		}
		if slices.ContainsFunc(elsewhere, func(p string) bool { return strings.Contains(f.Path, p) }) {
			continue
		}
		seen[string(f.Bytes)] = true
		switch {
		case bytes.Contains(f.Bytes, []byte("kind: CustomResourceDefinition")):
			if slices.ContainsFunc(realDefinitions, func(d string) bool { return strings.HasPrefix(f.Path, d) }) {
				definitions = append(definitions, f)
			}
		case bytes.Contains(f.Bytes, []byte("image")):
			files = append(files, f)
		}
	}
	return files, definitions
}

// inParallel calls f for each number below n, on every core.
func inParallel(n int, f func(int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

const addRegcred = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata: {name: image-pull}
pullSecrets:
  add:
  - name: regcred-of-this-test
`

// TestTheAPIServerTakesWhatPullableMakesOfRealManifests lets a real API server judge: whatever it takes as its authors
// wrote it, it takes as pullable writes it. With policies alone nothing differs, with a pull secret its name alone; and
// the pods that it admits have exactly the pull secrets that `pullable images` tells.
func TestTheAPIServerTakesWhatPullableMakesOfRealManifests(t *testing.T) {
	c := needCluster(t)
	files, definitions := realFiles(t)
	c.needDefinitions(t, definitions)

	dir := t.TempDir()
	podsConfig, accountsConfig := filepath.Join(dir, "pods.yaml"), filepath.Join(dir, "accounts.yaml")
	writeFile(t, podsConfig, addRegcred)
	writeFile(t, accountsConfig, addRegcred+"  attachTo: ServiceAccounts\n  createServiceAccounts: true\n")

	var mutex sync.Mutex
	total := tally{}
	inParallel(len(files), func(i int) {
		f := files[i]
		r := &realFile{c: c, File: f, namespaces: fmt.Sprintf("f%d-", i), dir: filepath.Join(dir, fmt.Sprint(i))}
		if err := r.judge(t, podsConfig, accountsConfig); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		mutex.Lock()
		defer mutex.Unlock()
		total.add(r.tally)
	})
	t.Logf("%+v", total)
	// A change of the test that leaves most objects out must not pass for a success.
	if total.applied < 1000 || total.named < 700 || total.pods < 300 || total.accounts < 300 {
		t.Errorf("too few objects were looked at: %+v", total)
	}
}

// tally counts objects: all that name a known kind, those that the server refuses as their authors wrote them, those that
// it takes, those that get a pull secret, and the pods that were made of templates.
type tally struct{ unknown, refused, applied, named, pods, accounts int }

func (t *tally) add(u tally) {
	t.unknown += u.unknown
	t.refused += u.refused
	t.applied += u.applied
	t.named += u.named
	t.pods += u.pods
	t.accounts += u.accounts
}

// realFile is a file of others, in namespaces of its own.
type realFile struct {
	c *cluster
	corpus.File
	namespaces string // prefix
	dir        string
	tally      tally
}

// decode gives the objects ready to be applied: with a namespace of this file, and with a name where the server would
// generate one.
func (r *realFile) decode(t *testing.T, text []byte) ([]object, error) {
	all, err := objects(text, r.JSON())
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		metadata, ok := o["metadata"].(map[string]any)
		if !ok {
			continue
		}
		if prefix, _ := metadata["generateName"].(string); o.name() == "" && prefix != "" {
			delete(metadata, "generateName")
			metadata["name"] = prefix + "x"
		}
		delete(o, "status")
		for _, key := range serverFields {
			delete(metadata, key)
		}
		found, ok, err := r.c.resource(o)
		if err != nil {
			return nil, err
		}
		if !ok || !found.Namespaced {
			continue
		}
		namespace := o.text("metadata", "namespace")
		if namespace == "" {
			namespace = "none"
		}
		metadata["namespace"] = r.namespaces + namespace
	}
	return all, nil
}

func (r *realFile) judge(t *testing.T, podsConfig, accountsConfig string) error {
	original, err := r.decode(t, r.Bytes)
	if err != nil || !slices.ContainsFunc(original, object.concerns) {
		return err
	}
	policies, err := pullableOutput(r.Bytes)
	if err != nil {
		return nil // refused for a reason that the corpus' own tests know
	}
	withPolicies, err := r.decode(t, policies)
	if err != nil {
		return err
	}
	live := make([]object, len(original))
	for i, o := range original {
		if _, known, err := r.c.resource(o); err != nil || !known || o.kind() == "Namespace" || o.kind() == "CustomResourceDefinition" {
			r.tally.unknown++
			continue
		}
		if namespace := o.text("metadata", "namespace"); namespace != "" {
			r.c.needNamespaces(t, namespace)
		}
		if live[i], err = r.c.apply(o, ""); errors.Is(err, errRefused) {
			r.tally.refused++
			continue
		} else if err != nil {
			return err
		}
		r.tally.applied++
		got, err := r.c.apply(withPolicies[i], "dryRun=All")
		if err != nil {
			return fmt.Errorf("with policies: %w", err)
		}
		a, b := stable(t, live[i]), stable(t, got)
		if !o.defaulted() {
			// Nobody writes a policy into these but their authors and pullable.
			b = withoutNew(a, b, "imagePullPolicy").(map[string]any)
		}
		if !reflect.DeepEqual(a, b) {
			return fmt.Errorf("%s: written policies make a difference (-live +applied):\n%s", o, cmp.Diff(a, b))
		}
	}
	if err := r.secrets(t, original, live, podsConfig); err != nil {
		return fmt.Errorf("pull secrets for pods: %w", err)
	}
	if !slices.ContainsFunc(original, func(o object) bool { return o.podTemplate() != nil }) {
		return nil
	}
	if err := r.secrets(t, original, live, accountsConfig); err != nil {
		return fmt.Errorf("pull secrets for ServiceAccounts: %w", err)
	}
	return nil
}

// secrets adds a pull secret with this config and looks at each object, and at the pods that come of it.
func (r *realFile) secrets(t *testing.T, original, live []object, config string) error {
	out, err := pullableOutput(r.Bytes, "--config", config)
	if err != nil {
		return nil // as above
	}
	done, err := r.decode(t, out)
	if err != nil {
		return err
	}
	file := filepath.Join(r.dir, filepath.Base(config), filepath.Base(r.Path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, out, 0o600); err != nil {
		return err
	}
	var promised map[string][]string
	if slices.ContainsFunc(original, func(o object) bool { return o.podTemplate() != nil }) {
		if promised, err = promises(file); err != nil {
			return err
		}
	}
	for i, o := range done {
		// Accounts that pullable made come last.
		if i < len(live) && live[i] == nil {
			continue
		}
		query := "dryRun=All"
		if o.kind() == "ServiceAccount" {
			query = "" // pods take their names from it
		}
		before, applied := object(nil), o
		if i < len(live) {
			before = live[i]
			// The API server lets nobody change these while they live: new ones, then.
			if o.kind() == "Pod" || o.kind() == "Job" {
				before, err = r.c.apply(renamed(original[i]), "dryRun=All")
				if errors.Is(err, errRefused) {
					r.tally.refused++ // a Job with the labels that a server gave it under its own name
					continue
				}
				if err != nil {
					return err
				}
				applied = renamed(o)
			}
		}
		got, err := r.c.apply(applied, query)
		if err != nil {
			return err
		}
		if before == nil {
			continue
		}
		a, b := stable(t, before), stable(t, got)
		if !reflect.DeepEqual(a, b) {
			r.tally.named++
		}
		if !o.defaulted() {
			b = withoutNew(a, b, "imagePullPolicy").(map[string]any)
		}
		if want, got := without("regcred-of-this-test", a), without("regcred-of-this-test", b); !reflect.DeepEqual(want, got) {
			return fmt.Errorf("%s: more than the added name differs (-live +applied):\n%s", o, cmp.Diff(want, got))
		}
	}
	for i, o := range done {
		template := o.podTemplate()
		if template == nil || i < len(live) && live[i] == nil {
			continue
		}
		namespace := o.text("metadata", "namespace")
		if account := object(template).text("spec", "serviceAccountName"); account != "" {
			r.c.needAccount(t, namespace, account)
		}
		if account := object(template).text("spec", "serviceAccount"); account != "" {
			r.c.needAccount(t, namespace, account)
		}
		want, ok := promised[r.asWritten(o)]
		if !ok {
			continue // no image
		}
		got, err := r.c.admitted(namespace, template)
		// The admission plugin learns of a changed account a moment later.
		for range 50 {
			if err != nil || slices.Equal(want, got) {
				break
			}
			time.Sleep(100 * time.Millisecond)
			got, err = r.c.admitted(namespace, template)
		}
		if errors.Is(err, errRefused) {
			r.tally.refused++
			continue
		}
		if err != nil {
			return err
		}
		if strings.HasSuffix(config, "accounts.yaml") {
			r.tally.accounts++
		} else {
			r.tally.pods++
		}
		if !slices.Equal(want, got) {
			return fmt.Errorf("%s: its pods get the pull secrets %q, pullable promised %q", o, got, want)
		}
	}
	return nil
}

// asWritten names an object as it is named in its file.
func (r *realFile) asWritten(o object) string {
	name := strings.TrimPrefix(o.text("metadata", "namespace"), r.namespaces) + "/" + o.name()
	return o.text("apiVersion") + " " + o.kind() + " " + strings.TrimPrefix(name, "none/")
}

func renamed(o object) object {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // it was decoded from text
	}
	var copied object
	if err := json.Unmarshal(text, &copied); err != nil {
		panic(err)
	}
	copied["metadata"].(map[string]any)["name"] = o.name() + "-x"
	return copied
}
