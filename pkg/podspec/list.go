package podspec

import "github.com/pullable/pullable/pkg/yamledit"

// ListOfSecrets reads a list of names of Secrets that is a field of an object
// itself, as a ServiceAccount has them, with what is wrong with it.
func ListOfSecrets(object yamledit.Node, field string) (Secrets, []Problem) {
	w := walker{}
	s := w.secrets(&SecretsField{Path: []string{field}}, object, "")
	return s, w.facts.Problems
}
