package tree

import (
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
)

// detach gives the strings of facts memory of their own. As they are read they
// are parts of the file's text, and would keep all of it.
func detach(f *imagepull.Facts) {
	own := func(texts ...*string) {
		for _, s := range texts {
			*s = strings.Clone(*s)
		}
	}
	list := func(texts []string) {
		for i := range texts {
			own(&texts[i])
		}
	}
	o := &f.Object
	own(&o.APIVersion, &o.Kind, &o.Name, &o.Namespace, &f.Defines)
	o.Labels, o.Annotations = detached(o.Labels), detached(o.Annotations)
	own((*string)(&f.Skip))
	for i := range f.Lacks {
		own(&f.Lacks[i].Group, &f.Lacks[i].Version, &f.Lacks[i].Kind)
	}
	if f.Account != nil {
		list(f.Account.Secrets.Names)
		list(f.Account.Mountable.Names)
	}
	if f.Secret != nil {
		own(&f.Secret.Name, &f.Secret.Path)
	}
	for i := range f.Pods {
		pod := &f.Pods[i]
		own(&pod.Path, &pod.Account, &pod.Collector, (*string)(&pod.Skip))
		list(pod.Accounts)
		for j := range pod.Images {
			image := &pod.Images[j]
			own(&image.Path, &image.Reference, &image.Part, &image.Account, &image.Policy)
			for k := range image.Merged {
				own(&image.Merged[k].Policy)
			}
		}
		list(pod.Secrets.Names)
		for j := range pod.Calls {
			call := &pod.Calls[j]
			own(&call.From, &call.Part, &call.Object, &call.Path)
		}
	}
}

func detached(m manifest.StringMap) manifest.StringMap {
	own := slices.Clone(m)
	for i := range own {
		own[i] = manifest.StringEntry{Key: strings.Clone(own[i].Key), Value: strings.Clone(own[i].Value)}
	}
	return own
}
