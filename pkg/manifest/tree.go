package manifest

import "github.com/pullable/pullable/pkg/yamledit"

// Objects calls f for an object that is a tree already, or for the objects that
// it holds if it is a list, as [Each] does for text. Errors are [*InputError].
func Objects(n yamledit.Node, f func(Object, yamledit.Node)) error {
	w := walker{in: new(Input), visit: f}
	if problem := w.object(n, heritage{}, 0); problem != nil {
		return problem
	}
	return nil
}
