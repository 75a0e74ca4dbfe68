package pullsecret

import (
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
)

// A Keyring looks images up in several docker configs, as the kubelet does with
// the pull secrets of a pod.
type Keyring struct {
	configs []Config // in the pod's order
}

// NewKeyring makes a keyring of the docker configs of a pod's secrets, in the
// pod's order.
func NewKeyring(configs []Config) *Keyring { return &Keyring{configs} }

// A Match is an entry that serves an image.
type Match struct {
	Config int // its index in the keyring
	Entry  *Entry
}

// Lookup gives the entries whose credentials the kubelet tries for an image, in
// its order: by their keys, the greater first, so that a longer path comes
// before a shorter one, and for the same key in the pod's order. Entries without
// credentials are left out, and hide no others. In an image with placeholders
// only what is literal text matches.
func (k *Keyring) Lookup(image string) []Match {
	repository, ok := repositoryOf(image)
	if !ok {
		return nil
	}
	t, isURL := parseTarget(repository)
	var found, hub []Match
	for i := range k.configs {
		for j := range k.configs[i].Entries {
			switch e := &k.configs[i].Entries[j]; {
			case !e.Credentials || e.unknown:
			case isURL && e.matches(t):
				found = append(found, Match{i, e})
			case e.key == hubHost:
				hub = append(hub, Match{i, e})
			}
		}
	}
	if len(found) == 0 && usesHub(repository) {
		return hub
	}
	slices.SortStableFunc(found, func(a, b Match) int { return strings.Compare(b.Entry.key, a.Entry.key) })
	return found
}

// repositoryOf gives the name that the kubelet looks up: normalised, without tag
// and digest.
func repositoryOf(image string) (string, bool) {
	r, err := imageref.Parse(image)
	if err != nil {
		if r, _ = imageref.Scan(image); r.Domain == "" {
			return "", false
		}
	}
	return r.Repository(), true
}

// LastResort says whether an entry serves an image only where no other entry
// matches it: the one for index.docker.io, for images of Docker Hub.
func (e *Entry) LastResort(image string) bool {
	repository, ok := repositoryOf(image)
	if !ok || e.key != hubHost || !e.Credentials {
		return false
	}
	t, isURL := parseTarget(repository)
	return usesHub(repository) && !(isURL && e.matches(t))
}
