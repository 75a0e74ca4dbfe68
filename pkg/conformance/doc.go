// Package conformance holds pullable against the code that it imitates: the reference parser, the defaulting functions of
// Kubernetes and the types of its API. It is a module of its own, so that nobody who imports pullable pulls in Kubernetes.
//
// k8s.io/kubernetes replaces its staging modules by folders that its module does not hold; go.mod replaces each of them
// by the release of the same day. All of them move together.
package conformance
