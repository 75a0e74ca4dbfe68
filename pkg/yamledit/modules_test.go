//go:build modules

package yamledit

// The tests read examples that lie in this module, and go mod tidy keeps modules
// that are imported somewhere.
import _ "k8s.io/api/core/v1"
