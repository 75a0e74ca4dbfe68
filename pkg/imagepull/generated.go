package imagepull

import (
	"slices"
	"strings"
)

// FollowGenerated finds, in facts of manifests that kustomize has built, what the
// config's pull secrets are called there, and notes it in the facts' Names.
// kustomize's own record of earlier names is gone by then, so a name is taken
// for the config's where it is that name with a hash, or with a prefix, a suffix
// or both that end and begin with "-" or ".", and a docker Secret of its
// namespace has it.
func FollowGenerated(c *Config, facts []Facts) {
	secrets := map[string][]string{} // by namespace
	for i := range facts {
		if f := &facts[i]; f.Secret != nil {
			namespace := c.namespace(f)
			secrets[namespace] = append(secrets[namespace], f.Secret.Name)
		}
	}
	names := c.SecretNames()
	for i := range facts {
		f := &facts[i]
		if f.Kind == nil && f.Account == nil {
			continue
		}
		there := secrets[c.namespace(f)]
		var listed []string
		for p := range f.Pods {
			listed = append(listed, f.Pods[p].Secrets.Names...)
		}
		if f.Account != nil {
			listed = append(listed, f.Account.Secrets.Names...)
		}
		for _, name := range names {
			if now := generated(name, listed, there); now != name {
				if f.Names == nil {
					f.Names = map[string]SecretName{}
				}
				f.Names[name] = SecretName{Now: now}
			}
		}
	}
}

// generated finds what a name is now, among the names that an object lists and
// those of the Secrets that are there.
func generated(name string, listed, secrets []string) string {
	if slices.Contains(listed, name) {
		return name
	}
	for _, now := range listed {
		if withoutHash(now) == name || slices.Contains(secrets, now) && affixed(now, name) {
			return now
		}
	}
	if slices.Contains(secrets, name) {
		return name
	}
	var found []string
	for _, now := range secrets {
		if affixed(now, name) {
			found = append(found, now)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return name
}

// withoutHash takes the hash off a name that kustomize generated: ten characters
// of those that encode in kustomize's api/hasher/hasher.go gives.
func withoutHash(name string) string {
	const length = 10
	at := len(name) - length - 1
	if at <= 0 || name[at] != '-' || strings.Trim(name[at+1:], "bcdfghkmt2456789") != "" {
		return name
	}
	return name[:at]
}

// affixed says whether a name may be an earlier one with a prefix, a suffix or
// both.
func affixed(now, name string) bool {
	for at := 0; ; at++ {
		i := strings.Index(now[at:], name)
		if i < 0 || name == "" {
			return false
		}
		at += i
		end := at + len(name)
		if (at == 0 || strings.IndexByte("-.", now[at-1]) >= 0) && (end == len(now) || strings.IndexByte("-.", now[end]) >= 0) {
			return true
		}
	}
}
