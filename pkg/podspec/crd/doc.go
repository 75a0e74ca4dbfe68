// Package crd learns from a CustomResourceDefinition where objects of its kind
// hold images, pull policies and pull secrets. What it learns are rows of the
// table of kinds, in the form of a config.
//
// It goes by what the schema says and by nothing else:
//
//   - An image is a string that a pull policy, also a string, stands beside:
//     image and imagePullPolicy, reference and pullPolicy, and the few other
//     pairs of names that projects use; or a string image that pull secrets
//     stand beside.
//   - A mapping that names an image and has command, args and env as well is a
//     container, and so is every item of a list containers, initContainers or
//     ephemeralContainers. Controllers copy containers into pods, where the API
//     server decides about a policy that is absent; so policies are written
//     there. Of other pairs the controller makes a container of its own, and
//     decides by itself what an absent policy means, mostly IfNotPresent
//     whatever the tag; so none is written there, as in the built-in table. The
//     same holds where the schema itself has a default.
//   - Pull secrets belong to the images beside them, in the same mapping or in
//     lists and mappings right below it. Where none stands beside them it is not
//     known what they are for.
//
// Nothing is learnt from a field that takes any content
// (x-kubernetes-preserve-unknown-fields without properties), from status, from
// metadata, and from a place for which a row has no words: lists of mappings of
// mappings, names with dots.
package crd
