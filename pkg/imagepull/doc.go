// Package imagepull decides what is done to the images of a set of manifests:
// which pull policies are written and which pull secrets are added or taken
// out. It is the core of pullable.
//
//	config, err := imagepull.New(v1alpha1.Default())
//	facts, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
//		return imagepull.Gather(podspec.Builtin(), o, n)
//	})
//	plan := imagepull.Decide(config, facts)
//
// Gathering keeps no tree. Deciding is a pure function over all facts at once,
// because what one object gets may depend on another that comes later; it knows
// no YAML. The plan is everything that there is to say: the edits, the results
// and the messages are views of it.
package imagepull

//go:generate go run ./internal/gen
