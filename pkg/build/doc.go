// Package build renders a kustomization, or a plain folder of manifests, and
// does the images of what comes out.
//
//	result, err := build.Run(build.Options{Dir: "overlays/production"})
//
// What comes out is the output of kustomize with pullable's lines in it, byte
// for byte. The config may name pull secrets as the kustomization's files do:
// kustomize's records of the names that a Secret had are kept until the images
// are done, so that name prefixes, namespaces and hashes end up right in every
// kind of the table.
//
// Nothing is written anywhere: changes of kustomizations (images, a config that
// stands among the transformers) are made to what kustomize reads.
package build

//go:generate go run ./internal/gen
