package conformance

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/credentialprovider"
	credentialprovidersecrets "k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/conformance/internal/images"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullsecret"
	"github.com/pullable/pullable/pkg/yamledit"
)

// tried is a credential that is tried: the index of its secret and the name of its entry.
type tried struct {
	secret int
	entry  string
}

// quietKubelet keeps the kubelet from logging every key that it cannot read.
func quietKubelet(t *testing.T) {
	t.Helper()
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	klog.SetOutput(io.Discard)
}

// kubelet looks an image up in secrets as the kubelet does: the user of each entry says which one it is.
func kubelet(t *testing.T, secrets []corev1.Secret, image string) []tried {
	t.Helper()
	keyring, err := credentialprovidersecrets.MakeDockerKeyring(secrets, &credentialprovider.BasicDockerKeyring{})
	if err != nil {
		t.Fatal(err)
	}
	repository, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		return nil // no kubelet pulls it
	}
	configs, _ := keyring.Lookup(repository)
	var all []tried
	for _, c := range configs {
		var one tried
		number, entry, _ := strings.Cut(c.Username, "|")
		fmt.Sscan(number, &one.secret)
		name, err := hex.DecodeString(entry)
		if err != nil {
			t.Fatal(err)
		}
		one.entry = string(name)
		all = append(all, one)
	}
	return all
}

func ours(configs []pullsecret.Config, image string) []tried {
	var all []tried
	for _, m := range pullsecret.NewKeyring(configs).Lookup(image) {
		all = append(all, tried{m.Config, m.Entry.Name})
	}
	return all
}

// settle orders what the kubelet leaves to chance: entries of one secret that have the same key.
func settle(all []tried, configs []pullsecret.Config) []tried {
	key := func(x tried) string {
		for i := range configs[x.secret].Entries {
			if e := &configs[x.secret].Entries[i]; e.Name == x.entry {
				return e.Key()
			}
		}
		return "?"
	}
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].secret == all[from].secret && key(all[to]) == key(all[from]) {
			to++
		}
		slices.SortFunc(all[from:to], func(a, b tried) int { return strings.Compare(a.entry, b.entry) })
		from = to
	}
	return all
}

// dockerSecret makes a Secret whose entries are the registries, in one of the forms that there are.
func dockerSecret(t *testing.T, r *rand.Rand, index int, registries []string) (corev1.Secret, pullsecret.Config) {
	t.Helper()
	entries := map[string]any{}
	empty := map[string]any{}
	slices.Sort(registries)
	for _, name := range slices.Compact(registries) {
		user := fmt.Sprintf("%d|%x", index, name)
		switch r.IntN(5) {
		case 0:
			entries[name] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":p"))}
		case 1:
			entries[name] = map[string]string{"auth": base64.RawStdEncoding.EncodeToString([]byte(user + ":p")), "username": "other"}
		case 2:
			empty[name] = map[string]string{"email": "a@b.c"}
		default:
			entries[name] = map[string]string{"username": user, "password": "p"}
		}
	}
	format := pullsecret.ConfigJSON
	wrap := func(v any) any { return map[string]any{"auths": v} }
	if r.IntN(3) == 0 {
		format, wrap = pullsecret.Dockercfg, func(v any) any { return v }
	}
	// The kubelet's keyring also hands out entries without credentials. pullable counts them as if they were not there.
	upstream, err := json.Marshal(wrap(entries))
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range empty {
		entries[name] = e
	}
	whole, err := json.Marshal(wrap(entries))
	if err != nil {
		t.Fatal(err)
	}
	config, err := pullsecret.FromData(format, base64.StdEncoding.EncodeToString(whole))
	if err != nil {
		t.Fatal(err)
	}
	return corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("s", index)},
		Type:       corev1.SecretType(format.SecretType()),
		Data:       map[string][]byte{format.Key(): upstream},
	}, config
}

var (
	keySchemes = []string{"", "", "", "https://", "http://"}
	keyHosts   = []string{"docker.io", "index.docker.io", "registry-1.docker.io", "*.docker.io", "*.io", "*.*", "*", "ghcr.io", "GHCR.IO", "quay.io",
		"reg.example.com", "*.example.com", "r*.example.com", "reg", "REG", "localhost", "10.0.0.1", "10.0.*.1", "[::1]", "a-b.c--d", "a_b.c", "[a-c].b", "?.c", "é.io", ""}
	keyPorts  = []string{"", "", "", "", ":5000", ":443", ":*", ":"}
	keyPaths  = []string{"", "", "", "/", "/v1/", "/v2/", "/v2", "/v1", "/v2/a", "/v1/library", "/a", "/app", "/ap", "/a/", "/a/app", "/library", "/library/nginx", "/A", "/*", "//", "/a%2fb", "/%zz", "/a?b", "/a:1"}
	imageHost = []string{"", "", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "ghcr.io/", "ghcr.io:443/", "GHCR.IO/", "quay.io/", "reg.example.com/", "reg.example.com:5000/",
		"a.example.com/", "localhost/", "localhost:5000/", "REG/", "reg:5000/", "10.0.0.1/", "[::1]:5000/", "[::1]/", "a-b.c--d/", "a_b.c/"}
	imagePath = []string{"nginx", "app", "a", "a/app", "a/app/x", "library/nginx", "v2ray/app", "ab/c"}
)

func TestTheKeyringIsTheKubelets(t *testing.T) {
	quietKubelet(t)
	const pairs = 20_000
	g := images.NewGenerator(t, 3)
	r := rand.New(rand.NewPCG(3, 5))
	of := func(list []string) string { return list[r.IntN(len(list))] }
	matched, several := 0, 0
	for range pairs {
		image := of(imageHost) + of(imagePath) + of([]string{"", ":1", ":latest"})
		if r.IntN(4) == 0 {
			image = g.ByGrammar()
		}
		var secrets []corev1.Secret
		var configs []pullsecret.Config
		for i := range 1 + r.IntN(4) {
			var registries []string
			for range r.IntN(5) {
				host := of(keyHosts) + of(keyPorts)
				if r.IntN(3) > 0 {
					host, _, _ = strings.Cut(image, "/") // so that most pairs have something to do with each other
				}
				registries = append(registries, of(keySchemes)+host+of(keyPaths))
			}
			s, c := dockerSecret(t, r, i, registries)
			secrets, configs = append(secrets, s), append(configs, c)
		}
		want, got := settle(kubelet(t, secrets, image), configs), settle(ours(configs, image), configs)
		if !slices.Equal(want, got) {
			t.Fatalf("%s\nkubelet %v\npullable %v\nconfigs %+v", image, want, got, configs)
		}
		if len(want) > 0 {
			matched++
		}
		if len(want) > 1 {
			several++
		}
		for i := range configs {
			for j := range configs[i].Entries {
				e := &configs[i].Entries[j]
				if serves := len(pullsecret.NewKeyring([]pullsecret.Config{{Entries: []pullsecret.Entry{*e}}}).Lookup(image)) > 0; serves && e.Miss(image) != "" {
					t.Fatalf("%q serves %s and is said to miss it: %s", e.Name, image, e.Miss(image))
				}
			}
		}
	}
	t.Logf("%d pairs, %d with a match, %d with several", pairs, matched, several)
	if matched < pairs/10 || several < pairs/30 {
		t.Errorf("too few pairs match")
	}
}

func TestAPodGetsTheSecretsThatItsKubeletTriesAndExplainListsThemInItsOrder(t *testing.T) {
	quietKubelet(t)
	const pairs = 3000
	r := rand.New(rand.NewPCG(23, 5))
	of := func(list []string) string { return list[r.IntN(len(list))] }
	attached := 0
	for range pairs {
		image := of(imageHost) + of(imagePath) + of([]string{"", ":1"})
		var text strings.Builder
		var secrets []corev1.Secret
		var configs []pullsecret.Config
		for i := range 1 + r.IntN(4) {
			var registries []string
			for range 1 + r.IntN(3) {
				host := of(keyHosts) + of(keyPorts)
				if r.IntN(3) > 0 {
					host, _, _ = strings.Cut(image, "/")
				}
				registries = append(registries, of(keySchemes)+host+of(keyPaths))
			}
			s, c := dockerSecret(t, r, i, registries)
			secrets, configs = append(secrets, s), append(configs, c)
			for key, content := range s.Data {
				fmt.Fprintf(&text, "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: team}\ntype: %s\ndata: {%q: %s}\n---\n",
					s.Name, s.Type, key, base64.StdEncoding.EncodeToString(content))
			}
		}
		fmt.Fprintf(&text, "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: team}\nspec: {containers: [{name: c, image: %q}]}\n", image)

		var want []string // in the kubelet's order, each credential
		inOrder := settle(kubelet(t, secrets, image), configs)
		for _, one := range inOrder {
			want = append(want, secrets[one.secret].Name)
		}
		in, err := manifest.Read([]byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		facts, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
			return imagepull.Gather(podspec.Builtin(), o, n)
		})
		if err != nil {
			t.Fatal(err)
		}
		c := v1alpha1.Default()
		c.PullSecrets.FromPackage = true
		config, err := imagepull.New(c)
		if err != nil {
			t.Fatal(err)
		}
		var tried []string
		for _, in := range imagepull.Explain(config, facts, image).Namespaces {
			for _, reason := range in.Tried {
				tried = append(tried, reason.Name)
			}
		}
		if !slices.Equal(tried, want) {
			t.Fatalf("explain %q, kubelet %q\n%s", tried, want, &text)
		}
		var got []string
		plan := imagepull.Decide(config, facts)
		for _, e := range plan.Entries {
			if e.ID == imagepull.SecretAdded {
				got = append(got, e.New)
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if !slices.Equal(got, want) {
			t.Fatalf("attached %q, kubelet %q\n%s", got, want, &text)
		}
		if len(got) > 0 {
			attached++
		}
	}
	if attached < pairs/5 {
		t.Errorf("only %d of %d pods got a secret", attached, pairs)
	}
}

func TestEveryRowOfTheKeyringTableIsWhatTheKubeletAnswers(t *testing.T) {
	quietKubelet(t)
	table, err := os.ReadFile("../pullsecret/testdata/keyring.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		text, err := json.Marshal(map[string]any{"auths": map[string]any{c[0]: map[string]string{"username": fmt.Sprintf("0|%x", c[0])}}})
		if err != nil {
			t.Fatal(err)
		}
		secret := corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: text}}
		if got := len(kubelet(t, []corev1.Secret{secret}, c[1])) > 0; got != (c[2] == "MATCH") {
			t.Errorf("%q for %q: the kubelet says %v", c[0], c[1], got)
		}
	}
	if rows < 110 {
		t.Errorf("only %d rows", rows)
	}
}

func TestWhatTheKubeletRefusesIsRefused(t *testing.T) {
	seeds := []string{
		`{"auths":{"ghcr.io":{"username":"u","password":"p","email":"e","auth":"dTpw"}},"HttpHeaders":{"a":"b"},"credsStore":"x"}`,
		`{"auths":{"a":{"auth":"dTpw"},"b":{"auth":"dTp="},"c":null}}`,
		`{"a":{"auth":"dTpw"},"b":{}}`, `{}`, `null`, `[]`, `""`, `1`,
	}
	pieces := []string{`"`, `{`, `}`, `[`, `]`, `:`, `,`, `null`, `1`, `true`, ` `, "\n", `=`, `"auths"`, `"auth"`, `"Auths"`, `dTpw`, `dTpwcA`, `{}`, `"x":"y"`, "\xff"}
	r := rand.New(rand.NewPCG(11, 5))
	refused := 0
	const rounds = 30_000
	for range rounds {
		s := seeds[r.IntN(len(seeds))]
		for range r.IntN(3) {
			i := r.IntN(len(s) + 1)
			j := min(len(s), i+r.IntN(4))
			s = s[:i] + pieces[r.IntN(len(pieces))] + s[j:]
		}
		for _, format := range []pullsecret.Format{pullsecret.ConfigJSON, pullsecret.Dockercfg} {
			var err error
			var want credentialprovider.DockerConfig
			if format == pullsecret.Dockercfg {
				err = json.Unmarshal([]byte(s), &want)
			} else {
				var file credentialprovider.DockerConfigJSON
				err = json.Unmarshal([]byte(s), &file)
				want = file.Auths
			}
			got, gotErr := pullsecret.Parse(format, []byte(s))
			if (err != nil) != (gotErr != nil) {
				t.Fatalf("%s: kubelet %v, pullable %v", s, err, gotErr)
			}
			if err != nil {
				refused++
				continue
			}
			if len(got.Entries) != len(want) {
				t.Fatalf("%s: kubelet %d entries, pullable %+v", s, len(want), got)
			}
			credentials := 0
			for _, e := range want {
				if e.Username != "" || e.Password != "" {
					credentials++
				}
			}
			for _, e := range got.Entries {
				if e.Credentials {
					credentials--
				}
			}
			if credentials != 0 {
				t.Fatalf("%s: credentials differ: %+v", s, got)
			}
		}
	}
	if refused < rounds/10 || refused > 2*rounds*9/10 {
		t.Errorf("%d of %d were refused", refused, 2*rounds)
	}
}
