// Package manifests makes Kubernetes manifests that look like those of a real package: the kinds, sizes, comments and
// styles that a repository of services holds. The same seed gives the same bytes, on every machine.
//
// Of a hundred objects about 30 are Deployments, 7 StatefulSets, 7 CronJobs, 20 Services, 16 ConfigMaps (with block
// scalars that hold `image:` lines, which a line-minded reader would take for containers), 5 WorkflowTemplates; the rest
// are ServiceAccounts, Roles, RoleBindings, Ingresses and NetworkPolicies. About half have a pod spec. An object is about
// 2 kB of text.
package manifests

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// FunctionConfig is what ResourceList asks the function for: one pull secret for every pod, policies as by default.
const FunctionConfig = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
  annotations:
    config.kubernetes.io/local-config: "true"
pullSecrets:
  add:
  - name: regcred
`

// Stream writes n objects as a plain YAML stream, `---` between them.
func Stream(w io.Writer, seed uint64, n int) error {
	g := newGenerator(seed)
	for i := range n {
		if i > 0 {
			g.text.WriteString("---\n")
		}
		g.object(i)
		if _, err := g.text.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// ResourceList writes the same n objects the way kpt pipes them to a function: path and index annotations on each item,
// sequences not indented, FunctionConfig at the end.
func ResourceList(w io.Writer, seed uint64, n int) error {
	g := newGenerator(seed)
	g.hosted = true
	if _, err := io.WriteString(w, "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"); err != nil {
		return err
	}
	for i := range n {
		g.object(i)
		item := indent(g.text.Bytes(), "- ", "  ")
		g.text.Reset()
		if _, err := w.Write(item); err != nil {
			return err
		}
	}
	_, err := w.Write(indent([]byte("functionConfig:\n"+FunctionConfig), "", "  "))
	return err
}

// indent puts first before the first line and rest before every other one that is not empty.
func indent(text []byte, first, rest string) []byte {
	var b bytes.Buffer
	prefix := first
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			b.WriteString(prefix)
		}
		b.Write(line)
		prefix = rest
	}
	return b.Bytes()
}

type generator struct {
	rand   *rand.Rand
	text   bytes.Buffer
	hosted bool // items carry the annotations that a host puts there
}

func newGenerator(seed uint64) *generator {
	return &generator{rand: rand.New(rand.NewPCG(seed, seed))}
}

var (
	teams    = []string{"payments", "search", "catalog", "identity", "billing", "ledger", "media", "edge"}
	services = []string{"api", "worker", "gateway", "indexer", "scheduler", "frontend", "exporter", "router", "cache", "reporter"}
	images   = []string{
		"nginx", "nginx:1.29", "redis:7.4-alpine", "postgres:17.2", "busybox", "busybox:latest",
		"ghcr.io/acme/%s:v1.14.2", "registry.example.com/team/%s:2025.11.3", "registry.example.com:5000/%s:0.9.1-rc.2",
		"quay.io/acme/%s:latest", "registry.example.com/team/%s", "localhost:5000/%s:dev",
		"ghcr.io/acme/%s@sha256:0f2d5f2a1c9e8b7a6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c5b4a39281706",
		"gcr.io/acme-prod/%s:1.0.0@sha256:9b1c2d3e4f5061728394a5b6c7d8e9f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
	}
	comments = []string{
		"# kept in step with the chart", "# see the runbook before you change this", "# TODO(team): tune after the load test",
		"# the sidecar reads this at start", "# default: 30", "# image: old/value:1 (until the migration is over)",
	}
)

func pick[T any](g *generator, of []T) T     { return of[g.rand.IntN(len(of))] }
func (g *generator) chance(percent int) bool { return g.rand.IntN(100) < percent }
func (g *generator) printf(format string, a ...any) {
	fmt.Fprintf(&g.text, format, a...)
}

// block writes text with every line moved right by so many blanks.
func (g *generator) block(blanks int, text string) {
	prefix := strings.Repeat(" ", blanks)
	g.text.Write(indent([]byte(text), prefix, prefix))
}

func (g *generator) object(i int) {
	team, service := pick(g, teams), pick(g, services)
	name := fmt.Sprintf("%s-%d", service, i)
	switch n := g.rand.IntN(100); {
	case i == 0 || n < 30: // the first one has a pod spec, so that a list of one is work
		g.head("apps/v1", "Deployment", team, name)
		g.workload(name)
	case n < 37:
		g.head("apps/v1", "StatefulSet", team, name)
		g.printf("  serviceName: %s\n", name)
		g.workload(name)
	case n < 44:
		g.head("batch/v1", "CronJob", team, name)
		g.printf("  schedule: \"%d %d * * *\" %s\n  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n      backoffLimit: 2\n      template:\n", g.rand.IntN(60), g.rand.IntN(24), pick(g, comments))
		g.podTemplate(8, name, "restartPolicy: OnFailure\n")
	case n < 64:
		g.head("v1", "Service", team, name)
		g.service(name)
	case n < 80:
		g.head("v1", "ConfigMap", team, name)
		g.configMap(name)
	case n < 85:
		g.head("argoproj.io/v1alpha1", "WorkflowTemplate", team, name)
		g.workflowTemplate(name)
	case n < 88:
		g.head("v1", "ServiceAccount", team, name)
		g.printf("automountServiceAccountToken: false\n")
	case n < 92:
		g.head("rbac.authorization.k8s.io/v1", "Role", team, name)
		g.role()
	case n < 95:
		g.head("rbac.authorization.k8s.io/v1", "RoleBinding", team, name)
		g.printf("roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: %s\nsubjects:\n", name)
		for range 1 + g.rand.IntN(6) {
			g.printf("- kind: ServiceAccount\n  name: %s-%d\n  namespace: %s\n", pick(g, services), g.rand.IntN(1000), pick(g, teams))
		}
	case n < 98:
		g.head("networking.k8s.io/v1", "Ingress", team, name)
		g.ingress(name)
	default:
		g.head("networking.k8s.io/v1", "NetworkPolicy", team, name)
		g.networkPolicy(name)
	}
}

func (g *generator) head(apiVersion, kind, namespace, name string) {
	comment := pick(g, comments) // drawn in both forms, so that they hold the same objects
	if g.chance(25) && !g.hosted {
		g.printf("%s\n", comment)
	}
	g.printf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\n", apiVersion, kind, name, namespace)
	g.printf("  labels:\n    app.kubernetes.io/name: %s\n    app.kubernetes.io/part-of: %s\n    app.kubernetes.io/managed-by: kpt\n", name, namespace)
	g.printf("  annotations:\n    owner: \"%s@example.com\" %s\n", namespace, pick(g, comments))
	g.printf("    description: |-\n      The %s of the %s team. It was moved here from the old cluster\n      and is rolled out once a week, after the nightly tests have passed.\n", name, namespace)
	if g.hosted {
		path := fmt.Sprintf("%s/%s/%s.yaml", namespace, strings.ToLower(kind), name)
		g.printf("    config.kubernetes.io/index: '0'\n    config.kubernetes.io/path: '%s'\n", path)
		g.printf("    internal.config.kubernetes.io/index: '0'\n    internal.config.kubernetes.io/path: '%s'\n    internal.config.kubernetes.io/seqindent: 'compact'\n", path)
	}
	switch kind {
	case "Deployment", "StatefulSet", "CronJob", "Service", "WorkflowTemplate", "Ingress", "NetworkPolicy":
		g.printf("spec:\n")
	}
}

func (g *generator) workload(name string) {
	g.printf("  replicas: %d %s\n", 1+g.rand.IntN(5), pick(g, comments))
	g.printf("  revisionHistoryLimit: 3\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: %s\n  template:\n", name)
	g.podTemplate(4, name, "")
}

func (g *generator) podTemplate(blanks int, name, extra string) {
	g.block(blanks, fmt.Sprintf("metadata:\n  labels:\n    app.kubernetes.io/name: %s\n  annotations:\n    prometheus.io/scrape: \"true\"\n    checksum/config: \"%016x\"\nspec:\n", name, g.rand.Uint64()))
	blanks += 2
	g.block(blanks, extra+fmt.Sprintf("serviceAccountName: %s\n", name))
	if g.chance(10) {
		g.block(blanks, "imagePullSecrets:\n"+pick(g, []string{"- name: mirror\n", "- name: regcred\n", "- name: mirror\n- name: regcred\n"}))
	}
	if g.chance(20) {
		g.block(blanks, "initContainers:\n")
		g.container(blanks, "init")
	}
	g.block(blanks, "containers:\n")
	g.container(blanks, name)
	if g.chance(25) {
		g.container(blanks, "sidecar")
	}
	g.block(blanks, fmt.Sprintf("volumes:\n- name: config\n  configMap:\n    name: %s\n- name: scratch\n  emptyDir: {}\n", name))
	if g.chance(3) {
		g.block(blanks, "- name: model\n  image:\n    reference: "+g.image(name)+"\n")
	}
	if g.chance(40) {
		g.block(blanks, fmt.Sprintf("affinity:\n  podAntiAffinity:\n    preferredDuringSchedulingIgnoredDuringExecution:\n    - weight: 100\n      podAffinityTerm:\n        topologyKey: kubernetes.io/hostname\n        labelSelector:\n          matchLabels:\n            app.kubernetes.io/name: %s\n", name))
	}
}

func (g *generator) image(name string) string {
	image := pick(g, images)
	if strings.Contains(image, "%s") {
		image = fmt.Sprintf(image, name)
	}
	return image
}

// container writes one list item. A quarter of the containers has a policy already, the one that its tag means.
func (g *generator) container(blanks int, name string) {
	image := g.image(name)
	text := fmt.Sprintf("- name: %s\n", name)
	switch g.rand.IntN(6) {
	case 0:
		text += fmt.Sprintf("  image: %q\n", image)
	case 1:
		text += fmt.Sprintf("  image: %s %s\n", image, pick(g, comments))
	default:
		text += fmt.Sprintf("  image: %s\n", image)
	}
	if g.chance(25) {
		text += "  imagePullPolicy: " + policy(image) + "\n"
	}
	text += "  args:\n  - --config=/etc/app/config.yaml\n  - \"--log-level=info\"\n  - --listen=:8080\n"
	text += fmt.Sprintf("  ports:\n  - name: http\n    containerPort: %d\n    protocol: TCP\n", 8000+g.rand.IntN(1000))
	text += "  env:\n  - name: POD_NAME\n    valueFrom:\n      fieldRef:\n        fieldPath: metadata.name\n"
	for range g.rand.IntN(5) {
		text += fmt.Sprintf("  - name: SETTING_%d\n    value: %q\n", g.rand.IntN(100), pick(g, comments))
	}
	text += fmt.Sprintf("  resources:\n    requests: {cpu: %dm, memory: %dMi}\n    limits:\n      memory: %dMi %s\n", 10*(1+g.rand.IntN(50)), 64, 128<<g.rand.IntN(4), pick(g, comments))
	text += "  readinessProbe:\n    httpGet:\n      path: /healthz\n      port: http\n    periodSeconds: 10\n"
	text += "  volumeMounts:\n  - name: config\n    mountPath: /etc/app\n  - name: scratch\n    mountPath: /tmp\n"
	g.block(blanks, text)
}

// policy is the API server's own answer for the images of this package, all of which are well formed.
func policy(image string) string {
	last := image[strings.LastIndex(image, "/")+1:]
	if strings.HasSuffix(last, ":latest") || !strings.ContainsAny(last, ":@") {
		return "Always"
	}
	return "IfNotPresent"
}

func (g *generator) service(name string) {
	g.printf("  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: %s\n  ports:\n", name)
	for p := range 1 + g.rand.IntN(12) {
		g.printf("  - name: port-%d %s\n    port: %d\n    targetPort: %d\n    protocol: TCP\n", p, pick(g, comments), 80+p, 8000+p)
	}
}

func (g *generator) configMap(name string) {
	g.printf("data:\n  pod.yaml: |\n    # what the operator starts for each tenant\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: %s\n        image: %s\n      - name: helper\n        image: %s\n", name, g.image(name), g.image(name))
	g.printf("  app.properties: |+\n")
	for k := range 10 + g.rand.IntN(30) {
		g.printf("    setting.%d.%s = %x\n", k, pick(g, services), g.rand.Uint32())
	}
	// Not folded (`>-`): kyaml changes the value of a folded scalar that has a line further in.
	g.printf("\n  motd: |-\n    Welcome to %s.\n      image: not/a/container:latest\n    Have fun.\n  level: \"info\"\n", name)
}

func (g *generator) workflowTemplate(name string) {
	g.printf("  entrypoint: main\n  serviceAccountName: %s\n  arguments:\n    parameters:\n    - name: tag\n      value: latest\n  templates:\n  - name: main\n    steps:\n    - - name: build\n        template: build\n    - - name: test\n        template: test\n        arguments:\n          parameters: [{name: image, value: \"acme/%s\"}]\n        withItems:\n        - {image: debian, tag: \"12\"}\n        - {image: alpine, tag: \"3.22\"}\n", name, name)
	g.printf("  - name: build\n    container:\n      image: %s\n      command: [make, build]\n      workingDir: /src\n", g.image(name))
	g.printf("  - name: test\n    inputs:\n      parameters:\n      - name: image\n      - name: tag\n        default: latest\n    container:\n      image: \"{{inputs.parameters.image}}:{{inputs.parameters.tag}}\" %s\n      command: [sh, -c]\n      args: [\"make test\"]\n", pick(g, comments))
	g.printf("  - name: report\n    script:\n      image: %s\n      command: [python]\n      source: |\n        import json\n        # image: nothing that runs\n        print(json.dumps({\"ok\": True}))\n", g.image("python"))
	if g.chance(30) {
		g.printf("    sidecars:\n    - name: db\n      image: %s\n", g.image("db"))
	}
}

func (g *generator) role() {
	g.printf("rules:\n")
	for range 2 + g.rand.IntN(8) {
		g.printf("- apiGroups: [\"\", \"apps\"] %s\n  resources:\n  - %ss\n  - configmaps\n  verbs: [get, list, watch]\n", pick(g, comments), pick(g, services))
	}
}

func (g *generator) ingress(name string) {
	g.printf("  ingressClassName: nginx\n  rules:\n")
	for range 1 + g.rand.IntN(6) {
		g.printf("  - host: %s.example.com\n    http:\n      paths:\n      - path: /%s\n        pathType: Prefix\n        backend:\n          service:\n            name: %s\n            port:\n              number: 80\n", pick(g, teams), pick(g, services), name)
	}
}

func (g *generator) networkPolicy(name string) {
	g.printf("  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: %s\n  policyTypes: [Ingress]\n  ingress:\n", name)
	for range 1 + g.rand.IntN(8) {
		g.printf("  - from:\n    - namespaceSelector:\n        matchLabels:\n          team: %s\n    ports:\n    - {protocol: TCP, port: %d}\n", pick(g, teams), 8000+g.rand.IntN(1000))
	}
}
