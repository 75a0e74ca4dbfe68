//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/inventory"
)

// pulls is a package whose images are pulled in every way.
var pulls = map[string]string{
	"pullable.yaml": "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets:\n  add:\n  - name: regcred\n    images: [registry.example.com]\n",
	"account.yaml":  "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\nimagePullSecrets: [{name: of-account}]\n",
	"pods.yaml": `apiVersion: v1
kind: Pod
metadata: {name: own}
spec:
  imagePullSecrets: [{name: mine}]
  containers:
  - {name: a, image: "registry.example.com:5000/team/app:1.2", imagePullPolicy: Never}
  - {name: b, image: "nginx:latest", imagePullPolicy: IfNotPresent}
---
apiVersion: v1
kind: Pod
metadata: {name: borrowed}
spec:
  serviceAccountName: runner
  containers:
  - {name: a, image: nginx}
  - {name: b, image: "${IMAGE}"}
---
apiVersion: v1
kind: Pod
metadata: {name: due}
spec:
  containers:
  - {name: a, image: registry.example.com/x@sha256:` + strings.Repeat("ab", 32) + `}
---
apiVersion: v1
kind: Pod
metadata: {name: "</script><b>"}
spec:
  containers:
  - {name: a, image: "=1+1", imagePullPolicy: Always}
`,
}

func TestImagesListsHowEachImageIsPulled(t *testing.T) {
	inFolder(t, pulls)
	var got struct{ Images []inventory.Image }
	if err := json.Unmarshal([]byte(exits(t, exitDone, pullable("", "images", "-o", "json")).stdout), &got); err != nil {
		t.Fatal(err)
	}
	byImage := map[string]inventory.Image{}
	for _, image := range got.Images {
		byImage[image.Image] = image
	}
	app := byImage["registry.example.com:5000/team/app:1.2"]
	if app.Registry != "registry.example.com:5000" || app.Repository != "team/app" || app.Tag != "1.2" {
		t.Errorf("the parts: %+v", app)
	}
	want := inventory.Use{
		File: "pods.yaml", Object: "v1 Pod own", Field: "spec.containers[0].image", Policy: "Never", Why: "it is set",
		Secrets:  []inventory.Secret{{Name: "mine", From: "the pod"}},
		Findings: []inventory.Finding{{ID: "policy-differs-from-tag", Severity: "info"}},
	}
	app.Uses[0].Findings[0].Message = ""
	if diff := cmp.Diff([]inventory.Use{want}, app.Uses); diff != "" {
		t.Errorf("a policy that is set (-want +got)\n%s", diff)
	}
	if stale := byImage["nginx:latest"].Uses[0]; stale.Findings[0].ID != "stale-latest" || stale.Due != "" {
		t.Errorf("latest that is not pulled: %+v", stale)
	}
	want = inventory.Use{
		File: "pods.yaml", Object: "v1 Pod borrowed", Field: "spec.containers[0].image", Policy: "Always", Due: "Always",
		Why:     "none is set, and image has no tag, which means latest",
		Secrets: []inventory.Secret{{Name: "of-account", From: "ServiceAccount runner"}},
	}
	if diff := cmp.Diff([]inventory.Use{want}, byImage["nginx"].Uses); diff != "" {
		t.Errorf("a policy that is due, and the account's secret (-want +got)\n%s", diff)
	}
	if use := byImage["${IMAGE}"].Uses[0]; use.Policy != "" || use.Due != "" || byImage["${IMAGE}"].Note == "" {
		t.Errorf("a placeholder: %+v", byImage["${IMAGE}"])
	}
	pinned := byImage["registry.example.com/x@sha256:"+strings.Repeat("ab", 32)]
	if diff := cmp.Diff([]inventory.Secret{{Name: "regcred", From: "the pod", Due: true}}, pinned.Uses[0].Secrets); diff != "" || pinned.Digest == "" {
		t.Errorf("a secret that is due (-want +got)\n%s", diff)
	}
	same(t, "the files", pulls, contents(t))
}

func TestImagesAsCSVHoldsNoFormulas(t *testing.T) {
	inFolder(t, pulls)
	rows, err := csv.NewReader(strings.NewReader(exits(t, exitDone, pullable("", "images", "-o", "csv")).stdout)).ReadAll()
	if err != nil || len(rows) != 7 || rows[0][0] != "image" {
		t.Fatalf("%v %q", err, rows)
	}
	for _, row := range rows {
		if strings.HasPrefix(row[0], "=") {
			t.Errorf("%q", row)
		}
	}
}

func TestImagesAsTableFitsTheTerminal(t *testing.T) {
	images := []inventory.Image{{Image: strings.Repeat("long/", 40) + "app:1", Uses: []inventory.Use{{Object: "v1 Pod a", Policy: "Always"}, {Object: "v1 Pod b", Policy: "Always"}, {Object: "v1 Pod c", Due: "Always"}}}}
	var out strings.Builder
	if err := (inventory.Table{Width: 60}).Write(&out, images); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || !strings.HasSuffix(strings.Fields(lines[1])[0], "/app:1") || !strings.Contains(lines[1], "Pod a, Pod b") {
		t.Errorf("got\n%s", out.String())
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > 60 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
}

func TestATableThatIsTooWideShowsTheBeginningOfADigest(t *testing.T) {
	images := []inventory.Image{{Image: "redis@sha256:" + strings.Repeat("0123456789abcdef", 4), Uses: []inventory.Use{{Object: "v1 Pod a", Policy: "Always"}}}}
	for width, want := range map[int]string{0: images[0].Image, 200: images[0].Image, 80: "redis@sha256:0123456789ab…", 40: "…0123456789ab…"} {
		var out strings.Builder
		if err := (inventory.Table{Width: width}).Write(&out, images); err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(strings.Split(out.String(), "\n")[1])[0]; got != want {
			t.Errorf("%d characters: %s, want %s", width, got, want)
		}
	}
}

func TestImagesReportsAFileThatCannotBeReadAndListsTheRest(t *testing.T) {
	inFolder(t, map[string]string{"broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [\n", "web.yaml": deployment("web", "nginx")})
	got := exits(t, exitBadInput, pullable("", "images"))
	if !strings.Contains(got.stdout, "nginx") || !strings.Contains(got.stderr, "broken.yaml") {
		t.Errorf("%+v", got)
	}
}

// TestTheImagePageWorksInABrowser runs the page in a headless Chromium, with a
// script behind it that does what people do.
func TestTheImagePageWorksInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("PULLABLE_HOSTS") == "required" {
			t.Fatal("chromium is not there")
		}
		t.Skip("chromium is not there")
	}
	inFolder(t, pulls)
	page := exits(t, exitDone, pullable("", "images", "-o", "html")).stdout
	if strings.Contains(page, "http:") || strings.Contains(page, "https:") || strings.Contains(page, "</script><b>") {
		t.Error("the page refers to something outside, or text of a manifest is part of it")
	}
	for sentence, c := range map[string]struct{ script, want, wantMissing string }{
		"it lists every use":         {"", "6 of 6 uses of 6 images", "<b>"},
		"it filters by words":        {`const f = document.getElementById("filter"); f.value = "runner NGINX"; f.oninput();`, "1 of 6 uses", "team/app"},
		"it shows what is due":       {`const s = document.getElementById("show"); s.value = "due"; s.onchange();`, "2 of 6 uses", "stale-latest"},
		"it shows what has findings": {`const s = document.getElementById("show"); s.value = "findings"; s.onchange();`, "stale-latest", "borrowed</td>"},
		"it sorts by a column":       {`const b = document.querySelector("[data-key=object] button"); b.click(); b.click();`, `aria-sort="descending"`, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "page.html")
			if err := writeFile(file, page+"<script>"+c.script+"</script>"); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
				"--user-data-dir="+folder+"/profile", "--dump-dom", "file://"+file).Output()
			if err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(string(out), "<body")
			body, _, _ = strings.Cut(body, "<script")
			if !strings.Contains(body, c.want) {
				t.Errorf("%q is missing in\n%s", c.want, body)
			}
			if c.wantMissing != "" && strings.Contains(body, c.wantMissing) {
				t.Errorf("%q is in\n%s", c.wantMissing, body)
			}
		})
	}
}
