// Package v1alpha1 is pullable's functionConfig: the type, how it is read, its
// defaults and its rules.
//
// A config is an [ImagePullConfig] or, for hosts that pass flat strings only, a
// ConfigMap. [Decode] reads both, strictly: what it does not know it refuses,
// because a config with a misspelt field would otherwise do less than its
// author believes, and nobody would be told.
//
// The OpenAPI schema in function.yaml and the reference in the README are
// generated from the comments and tags of types.go:
//
//   - a json tag without omitempty or omitzero makes a field required;
//   - check names the grammar of a text, see internal/grammar;
//   - least is the shortest length that a list may have where it is given.
package v1alpha1

//go:generate go run ./internal/gen
