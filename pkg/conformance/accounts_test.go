package conformance

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/client-go/informers"
	api "k8s.io/kubernetes/pkg/apis/core"
	defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/plugin/pkg/admission/serviceaccount"
	"sigs.k8s.io/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// admit runs the ServiceAccount admission plugin over each pod of a package, and gives the pull secrets that the pod then
// has, by its name; a pod that is refused is not among them.
func admit(t *testing.T, text string) map[string][]string {
	t.Helper()
	plugin := serviceaccount.NewServiceAccount()
	plugin.MountServiceAccountToken = false
	factory := informers.NewSharedInformerFactory(nil, 0)
	plugin.SetExternalKubeInformerFactory(factory)
	plugin.SetReadyFunc(func() bool { return true })
	accounts := factory.Core().V1().ServiceAccounts().Informer().GetStore()
	var pods []corev1.Pod
	for _, document := range strings.Split(text, "---\n") {
		var kind metav1.TypeMeta
		decode(t, document, &kind)
		switch kind.Kind {
		case "ServiceAccount":
			var a corev1.ServiceAccount
			decode(t, document, &a)
			if err := accounts.Add(&a); err != nil {
				t.Fatal(err)
			}
		case "Pod":
			var p corev1.Pod
			decode(t, document, &p)
			pods = append(pods, p)
		}
	}
	// The accounts that a cluster has, and the package has not.
	for _, name := range []string{"default", "builder"} {
		a := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "team"}}
		if _, there, _ := accounts.Get(a); !there {
			if err := accounts.Add(a); err != nil {
				t.Fatal(err)
			}
		}
	}
	admitted := map[string][]string{}
	for i := range pods {
		var pod api.Pod
		if err := defaults.Convert_v1_Pod_To_core_Pod(&pods[i], &pod, nil); err != nil {
			t.Fatal(err)
		}
		attributes := admission.NewAttributesRecord(&pod, nil, api.Kind("Pod").WithVersion("v1"), "team", pod.Name,
			api.Resource("pods").WithVersion("v1"), "", admission.Create, &metav1.CreateOptions{}, false, nil)
		err := plugin.Admit(context.Background(), attributes, nil)
		if err == nil {
			err = plugin.Validate(context.Background(), attributes, nil)
		}
		if err != nil {
			continue
		}
		names := []string{}
		for _, s := range pod.Spec.ImagePullSecrets {
			names = append(names, s.Name)
		}
		admitted[pod.Name] = names
	}
	return admitted
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// pullable runs pullable over a stream.
func pullable(t *testing.T, c v1alpha1.ImagePullConfig, text string) string {
	t.Helper()
	config, err := imagepull.New(c)
	if err != nil {
		t.Fatal(err)
	}
	in, err := manifest.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
		return imagepull.Gather(podspec.Builtin(), o, n)
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := imagepull.Decide(config, facts)
	if plan.Failed() {
		t.Fatalf("%q\n%s", plan.Messages(), text)
	}
	var out bytes.Buffer
	if err := in.Write(&out, plan.Edits(), plan.Adds(), nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAPodCanPullWithWhatItCouldPullWithBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 3))
	of := func(list ...string) string { return list[r.IntN(len(list))] }
	names := func(indent string) string {
		return of("", "", indent+"imagePullSecrets: []\n", indent+"imagePullSecrets: [{name: a}]\n", indent+"imagePullSecrets: [{name: b}, {name: c}]\n", indent+"imagePullSecrets: [{name: new}]\n")
	}
	const rounds = 2000
	gained := 0
	for range rounds {
		var documents []string
		for _, name := range []string{"default", "builder"} {
			if r.IntN(3) > 0 {
				documents = append(documents, "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: "+name+"\n  namespace: team\n"+
					of("", "", "  annotations: {kubernetes.io/enforce-mountable-secrets: \"true\"}\n", "  annotations: {kubernetes.io/enforce-mountable-secrets: \"0\"}\n")+names(""))
			}
		}
		for i := range 1 + r.IntN(3) {
			documents = append(documents, fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p%d\n  namespace: team\nspec:\n%s%s  containers:\n  - name: c\n    image: %s\n",
				i, of("", "  serviceAccountName: builder\n", "  serviceAccount: builder\n"), names("  "), of("ghcr.io/a:1", "nginx:1")))
		}
		r.Shuffle(len(documents), func(i, j int) { documents[i], documents[j] = documents[j], documents[i] })
		text := strings.Join(documents, "---\n")

		c := v1alpha1.Default()
		c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "new"}, {Name: "ghcr", Images: []string{"ghcr.io"}}}
		if r.IntN(2) == 0 {
			c.PullSecrets.AttachTo = v1alpha1.AttachToServiceAccounts
			c.PullSecrets.CreateServiceAccounts = r.IntN(2) == 0
		}
		after := pullable(t, c, text)
		could, can := admit(t, text), admit(t, after)
		for pod, before := range could {
			now, admitted := can[pod]
			if !admitted {
				t.Fatalf("%s is refused\n%s\n--- was\n%s", pod, after, text)
			}
			for _, name := range before {
				if !slices.Contains(now, name) {
					t.Fatalf("%s can no longer pull with %s\n%s\n--- was\n%s", pod, name, after, text)
				}
			}
			if slices.Contains(now, "new") && !slices.Contains(before, "new") {
				gained++
			}
		}
	}
	if gained < rounds/2 {
		t.Errorf("only %d pods gained a pull secret", gained)
	}
}
