// Package imageref reads the image strings of Kubernetes manifests as the cluster reads them.
//
// [Parse] accepts and returns what ParseNormalizedNamed of github.com/distribution/reference v0.6.0 does, which is what
// the API server and the kubelet go by; pkg/conformance holds the two equal. It is a scanner of its own because the upstream
// package compiles its regular expressions whenever a program that links it starts.
//
// Manifests are often templates: [Scan] reads images that hold placeholders ({{…}}, ${…}, $(…), $NAME, <…>, %…%) and
// says what is literal text in them and what only the template engine will know.
//
// [Pattern] is the one language in which a config names images: host[:port][/path]. [Glob] is for tags and namespaces.
package imageref
