// Package pullsecret reads docker configs as the kubelet reads them, and says
// which pull secret serves which image, in the order in which the kubelet tries
// them. Where one nearly serves an image, it says what is missing.
//
// It follows pkg/credentialprovider of Kubernetes 1.36 (keyring.go, config.go,
// secrets/secrets.go), and pkg/conformance holds it against that code.
//
// Of a secret's content it keeps the registries. User names and passwords are
// looked at while a config is parsed and then forgotten: no value and no error
// of this package holds any of them.
package pullsecret
