package imagepull

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// An Account is what a ServiceAccount says about pull secrets.
type Account struct {
	Secrets   podspec.Secrets // imagePullSecrets
	Mountable podspec.Secrets // secrets
	// Enforced says that its pods may name the pull secrets only that it lists.
	Enforced bool
}

func gatherAccount(o manifest.Object, n yamledit.Node) (*Account, []podspec.Problem) {
	a := &Account{}
	// The admission plugin reads it so: enforceMountableSecrets in Kubernetes,
	// plugin/pkg/admission/serviceaccount/admission.go.
	a.Enforced, _ = strconv.ParseBool(o.Annotations.Get("kubernetes.io/enforce-mountable-secrets"))
	var problems, more []podspec.Problem
	a.Secrets, problems = podspec.ListOfSecrets(n, "imagePullSecrets")
	a.Mountable, more = podspec.ListOfSecrets(n, "secrets")
	return a, append(problems, more...)
}

type accountKey struct{ namespace, name string }

func (k accountKey) String() string {
	if k.namespace == everyNamespace {
		return "ServiceAccount " + k.name
	}
	return named("ServiceAccount", k.namespace, k.name)
}

// An accountNeed is what pods need of one ServiceAccount.
type accountNeed struct {
	key   accountKey
	add   []addedSecret
	first *Facts // the first object that needs it
	order int    // its index
	// namespace is the one that is written; the key's may be the config's default.
	namespace string
	others    int // how many more do
}

// accounts is what is known, and asked, of ServiceAccounts.
type accounts struct {
	known         map[accountKey]*Facts
	needs, hidden accountNeeds
	lists         map[*Facts][]string // what the lists will be

	namesakes map[string][]string // the namespaces of known accounts, by their names; nil before it is asked for
	files     map[string]bool     // in which objects stand; nil before it is asked for
}

// accountNeeds are what is needed of several accounts, in the order in which it
// was noted.
type accountNeeds struct {
	all []*accountNeed
	by  map[accountKey]*accountNeed
}

func newAccounts(c *Config, facts []Facts) accounts {
	a := accounts{known: map[accountKey]*Facts{}}
	for i := range facts {
		f := &facts[i]
		if f.Account == nil {
			continue
		}
		namespace := c.namespace(f)
		if earlier := f.Object.Annotations.Get(previousNames); earlier != "" {
			for _, name := range strings.Split(earlier, ",") {
				if key := (accountKey{namespace, name}); a.known[key] == nil {
					a.known[key] = f
				}
			}
		}
		a.known[accountKey{namespace, f.Object.Name}] = f
	}
	return a
}

// note notes what an object's pods need of an account.
func (needs *accountNeeds) note(key accountKey, f *Facts, pod *podspec.Pod, order int, add ...addedSecret) {
	if needs.by == nil {
		needs.by = map[accountKey]*accountNeed{}
	}
	n := needs.by[key]
	switch {
	case n == nil:
		n = &accountNeed{key: key, first: f, order: order, namespace: cmp.Or(pod.Namespace, f.Object.Namespace)}
		needs.by[key] = n
		needs.all = append(needs.all, n)
	case n.first != f:
		n.others++
	}
	for _, a := range add {
		if !slices.ContainsFunc(n.add, func(b addedSecret) bool { return b.name == a.name }) {
			n.add = append(n.add, a)
		}
	}
}

// sorted gives needs in the order of the input.
func (needs *accountNeeds) sorted() []*accountNeed {
	slices.SortFunc(needs.all, func(a, b *accountNeed) int {
		return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.key.name, b.key.name), strings.Compare(a.key.namespace, b.key.namespace))
	})
	for _, n := range needs.all {
		slices.SortStableFunc(n.add, func(a, b addedSecret) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name))
		})
	}
	return needs.all
}

// account finds the ServiceAccount of a pod that can be used.
func (d *decider) account(f *Facts, pod *podspec.Pod, name string) *Facts {
	if a := d.known[accountKey{d.namespaceOf(f, pod), name}]; a != nil && !a.Skip.Secrets() {
		return a
	}
	return nil
}

// toAccounts asks the accounts of a pod for names that the pod has no list for.
func (d *decider) toAccounts(f *Facts, pod *podspec.Pod, add []addedSecret) {
	for _, name := range pod.Accounts {
		d.needs.note(accountKey{d.namespaceOf(f, pod), name}, f, pod, d.at, add...)
	}
}

// comeAlong gives a pod that gets its first list the names of its accounts,
// which the list will hide. The rule is that of the ServiceAccount admission
// plugin: the account's list is used where the pod has none at all.
func (d *decider) comeAlong(f *Facts, pod *podspec.Pod, edit *secretList) {
	var along []addedSecret
	for _, name := range pod.Accounts {
		a := d.account(f, pod, name)
		if a == nil {
			d.hidden.note(accountKey{d.namespaceOf(f, pod), name}, f, pod, d.at)
			continue
		}
		for _, secret := range a.Account.Secrets.Names {
			known := func(b addedSecret) bool { return edit.sameName(b.name, secret) }
			if secret == "" || edit.removes(secret) || slices.ContainsFunc(along, known) || slices.ContainsFunc(edit.add, known) {
				continue
			}
			along = append(along, addedSecret{name: secret, why: "ServiceAccount " + name + " has it, and a pod's own list hides the account's"})
		}
	}
	edit.add = append(along, edit.add...)
}

// enforced asks those of a pod's accounts for its names whose pods may name
// nothing else.
func (d *decider) enforced(f *Facts, pod *podspec.Pod, add []addedSecret) {
	for _, name := range pod.Accounts {
		if a := d.account(f, pod, name); a != nil && a.Account.Enforced {
			var asked []addedSecret
			for _, secret := range add {
				secret.why = "it has kubernetes.io/enforce-mountable-secrets, so that a pod may name no other: " + secret.why
				asked = append(asked, secret)
			}
			d.needs.note(accountKey{d.namespaceOf(f, pod), name}, f, pod, d.at, asked...)
		}
	}
}

// editAccounts decides the lists of all ServiceAccounts.
func (d *decider) editAccounts() {
	if !d.config.secrets() {
		return
	}
	d.lists = map[*Facts][]string{}
	needs := d.needs.sorted()
	of := map[*Facts][]addedSecret{}
	for _, n := range needs {
		of[d.known[n.key]] = append(of[d.known[n.key]], n.add...)
	}
	for i := range d.facts {
		f := &d.facts[i]
		if f.Account == nil {
			continue
		}
		d.lists[f] = f.Account.Secrets.Names
		d.at = i
		if !d.config.edits(f) {
			continue
		}
		d.problems(f)
		if d.skip(f, f.Skip, "metadata.annotations").Secrets() {
			continue
		}
		d.editAccount(f, of[f])
	}
	for _, n := range needs {
		d.at = n.order
		switch f := d.known[n.key]; {
		case f == nil:
			d.missing(n)
		case f.Skip.Secrets():
			d.unused(n, "opts out with the annotation "+podspec.SkipAnnotation)
		case !d.config.edits(f):
			d.unused(n, "is not among the objects that the config's include and exclude let pullable edit")
		}
	}
	for _, n := range d.hidden.sorted() {
		d.at = n.order
		d.finding(AccountHidden, Entry{
			Object: &n.first.Object,
			Message: n.key.String() + " is not among the manifests: if it lists pull secrets, " + n.pods() +
				" no longer use them, because a pod's own list hides the account's; add the account to the manifests, or the names to the config",
		})
	}
}

// pods names the objects that a need is of.
func (n *accountNeed) pods() string {
	switch n.others {
	case 0:
		return "the pods of " + n.first.Object.String()
	case 1:
		return "the pods of " + n.first.Object.String() + " and one other object"
	}
	return fmt.Sprintf("the pods of %s and %d other objects", n.first.Object.String(), n.others)
}

// editAccount decides the lists of one ServiceAccount.
func (d *decider) editAccount(f *Facts, add []addedSecret) {
	namespace := d.config.namespace(f)
	edit := secretList{names: f.Account.Secrets.Names, remove: d.removed(f), add: slices.Clone(add), same: d.sameIn(namespace)}
	if f.Account.Secrets.Broken {
		return
	}
	fresh := len(edit.names) == 0
	at := Entry{Object: &f.Object, Path: f.Account.Secrets.Path}
	final, ok := d.writeList(at, &edit, &f.Account.Secrets, "imagePullSecrets")
	d.lists[f] = final
	if ok && fresh && len(final) > 0 {
		d.listNew(at)
	}
	if !d.config.mountable || f.Account.Mountable.Broken {
		return
	}
	mount := secretList{names: f.Account.Mountable.Names, remove: d.removed(f), add: slices.Clone(add), same: d.sameIn(namespace)}
	at.Path = f.Account.Mountable.Path
	d.writeList(at, &mount, &f.Account.Mountable, "secrets")
}

// listNew warns where an account gains its first list.
func (d *decider) listNew(at Entry) {
	at.Message = "gains its first list of pull secrets; every kind of apply takes the list as a whole, so that names which the platform adds in the cluster (OpenShift, Alauda: *-dockercfg-*) may be lost: there, name the account's own in the config too, or link the secrets with the platform's tool"
	d.finding(AccountListNew, at)
}

// unused reports an account that is there and is not edited.
func (d *decider) unused(n *accountNeed, why string) {
	names := missingNames(n.add, d.lists[d.known[n.key]])
	if names == "" {
		return
	}
	d.finding(AccountNotFound, Entry{
		Object:  &n.first.Object,
		Message: fmt.Sprintf("%s %s, so that %s do not get pull secret %s", n.key, why, n.pods(), names),
	})
}

func missingNames(add []addedSecret, there []string) string {
	var names []string
	for _, a := range add {
		if !slices.Contains(there, a.name) {
			names = append(names, a.name)
		}
	}
	return strings.Join(names, ", ")
}

// missing makes an account that is not among the objects, or says who needs it.
func (d *decider) missing(n *accountNeed) {
	names := missingNames(n.add, nil)
	cannot := ""
	switch {
	case !d.config.createAccounts:
		cannot = "add it to the manifests, or set pullSecrets.createServiceAccounts"
	case n.key.namespace == everyNamespace:
		cannot = "add the names to the account in each namespace that it runs in"
	case imageref.HasPlaceholder(n.key.name):
		cannot = "its name is a placeholder, so that no object can be made for it"
	case d.maybeThere(n.key):
		cannot = "an account of this name stands among the manifests without a namespace, or in one where the pods have none: set defaultNamespace, or write the namespaces out"
	default:
		d.create(n)
		return
	}
	d.finding(AccountNotFound, Entry{
		Object:  &n.first.Object,
		Message: fmt.Sprintf("%s is not among the manifests, and %s need its pull secret %s: %s", n.key, n.pods(), names, cannot),
	})
}

// maybeThere says whether an account may be one that stands there with another
// namespace, because one of both is not known.
func (d *decider) maybeThere(key accountKey) bool {
	if d.namesakes == nil {
		d.namesakes = map[string][]string{}
		for other := range d.known {
			d.knows(other)
		}
	}
	return slices.ContainsFunc(d.namesakes[key.name], func(other string) bool { return other == "" || key.namespace == "" })
}

// knows takes note of the namespace of an account.
func (a *accounts) knows(key accountKey) {
	a.namesakes[key.name] = append(a.namesakes[key.name], key.namespace)
}

// create makes a ServiceAccount.
func (d *decider) create(n *accountNeed) {
	first := &n.first.Object
	o := &manifest.Object{APIVersion: "v1", Kind: "ServiceAccount", Name: n.key.name, Namespace: n.namespace, FileIndex: -1, Source: first.Source}
	metadata := yamledit.Map("name", yamledit.Text(o.Name))
	if o.Namespace != "" {
		metadata = metadata.And("namespace", yamledit.Text(o.Namespace))
	}
	if first.File != "" {
		o.File, o.FileIndex = d.newFile(first.File, o), 0
		metadata = metadata.And("annotations", annotations(first, o.File))
	}
	var names []yamledit.Value
	var why []string
	for _, a := range n.add {
		names = append(names, yamledit.Map("name", yamledit.Text(a.name)))
		why = append(why, a.name+": "+a.why)
	}
	object := yamledit.Map("apiVersion", yamledit.Text(o.APIVersion)).And("kind", yamledit.Text(o.Kind)).
		And("metadata", metadata).And("imagePullSecrets", yamledit.ListOf(names...))
	if d.config.mountable {
		object = object.And("secrets", yamledit.ListOf(names...))
	}
	at := Entry{Object: o, Path: "imagePullSecrets", New: missingNames(n.add, nil)}
	e := at
	e.Adds, e.Message = &object, fmt.Sprintf("make %s for %s, with pull secret %s", n.key, n.pods(), strings.Join(why, "; "))
	d.at = len(d.facts)
	d.change(AccountCreated, e)
	at.New = ""
	d.listNew(at)
	created := &Facts{Object: *o, Account: &Account{}}
	d.known[n.key] = created
	d.knows(n.key)
	for _, a := range n.add {
		d.lists[created] = append(d.lists[created], a.name)
	}
}

// newFile names a file for a new object: beside another one, under a name that
// no other object has.
func (d *decider) newFile(beside string, o *manifest.Object) string {
	dir := beside[:strings.LastIndexByte(beside, '/')+1]
	name := "serviceaccount_" + strings.ReplaceAll(o.Name, ":", "_")
	if o.Namespace != "" {
		name = o.Namespace + "_" + name
	}
	file := dir + name + ".yaml"
	if d.files == nil {
		d.files = map[string]bool{}
		for i := range d.facts {
			d.files[d.facts[i].Object.File] = true
		}
	}
	for i := 2; d.files[file]; i++ {
		file = dir + name + "_" + strconv.Itoa(i) + ".yaml"
	}
	d.files[file] = true
	return file
}

// annotations tell the host where a new object belongs: kyaml/kio/kioutil's own
// in both of their spellings, which must agree, and kpt's package, as a sibling
// has it.
func annotations(sibling *manifest.Object, file string) yamledit.Value {
	const public, internal, inPackage = "config.kubernetes.io/", "internal.config.kubernetes.io/", "internal.config.kubernetes.io/package-path"
	v := yamledit.Map(public+"path", yamledit.Text(file)).And(public+"index", yamledit.Text("0")).
		And(internal+"path", yamledit.Text(file)).And(internal+"index", yamledit.Text("0"))
	if path := sibling.Annotations.Get(inPackage); path != "" {
		v = v.And(inPackage, yamledit.Text(path))
	}
	return v
}
