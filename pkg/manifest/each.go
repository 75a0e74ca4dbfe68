package manifest

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pullable/pullable/pkg/yamledit"
)

// batch is how many units a worker takes at once. It is small, so that objects
// of very different sizes are spread evenly.
const batch = 8

// Each parses the objects of the input and calls f for each of them, on all
// cores at once, and gives f's answers in the order of the input. Lists are
// opened at any depth; f sees the objects that they hold, never a list that was
// opened.
//
// The node is valid during the call only. Now and then an object is parsed
// again and f is called once more for it; the earlier answer is dropped then.
// Errors are [*InputError]; of several the first of the input is returned.
func Each[T any](in *Input, f func(Object, yamledit.Node) T) ([]T, error) {
	// Nearly every unit is one object, so answers have one place for each unit;
	// units that hold none or several have theirs in more.
	answers := make([]T, len(in.units))
	more := map[int][]T{}
	var mu sync.Mutex // guards more
	r := newRun(in)
	r.onEveryCore(func() {
		var found []T
		w := walker{in: in, visit: func(o Object, n yamledit.Node) { found = append(found, f(o, n)) }}
		r.work(&w, func(unit int) {
			if len(found) == 1 {
				answers[unit] = found[0]
			} else {
				mu.Lock()
				more[unit] = append([]T(nil), found...)
				mu.Unlock()
			}
		}, func() {
			clear(found)
			found = found[:0]
		})
	})

	whole := map[int][]T{} // by document: the answers where the pieces did not stand on their own
	for d := range in.documents {
		if err := r.failure(d); err != nil {
			return nil, err
		}
		if !r.broken[d].Load() {
			continue
		}
		var found []T
		w := walker{in: in, visit: func(o Object, n yamledit.Node) { found = append(found, f(o, n)) }}
		if problem := w.whole(d); problem != nil {
			return nil, problem
		}
		whole[d] = found
	}
	if len(more) == 0 && len(whole) == 0 {
		return answers, nil
	}
	all := make([]T, 0, len(answers))
	for d := range in.documents {
		if found, ok := whole[d]; ok {
			all = append(all, found...)
			continue
		}
		for i := in.documents[d].first; i < in.documents[d].last; i++ {
			if found, ok := more[i]; ok {
				all = append(all, found...)
			} else {
				all = append(all, answers[i])
			}
		}
	}
	return all, nil
}

// Empty says whether the input holds no object. It is also false where it
// cannot be known because the input has an error.
func (in *Input) Empty() bool {
	found := false
	w := walker{in: in, visit: func(Object, yamledit.Node) { found = true }}
	for d := range in.documents {
		if in.documents[d].problem != nil {
			return false
		}
		for i := in.documents[d].first; i < in.documents[d].last; i++ {
			if w.unit(i) != nil || found {
				return false
			}
		}
	}
	return true
}

// A run is one pass of several workers over the units.
type run struct {
	in     *Input
	next   atomic.Int64  // the first unit that no worker took
	broken []atomic.Bool // documents that must be read as a whole

	mu      sync.Mutex
	failed  atomic.Int64 // the first unit that failed for good; written under mu
	problem *InputError  // why
}

func newRun(in *Input) *run {
	r := &run{in: in, broken: make([]atomic.Bool, len(in.documents))}
	r.failed.Store(int64(len(in.units)))
	return r
}

func (r *run) onEveryCore(work func()) {
	n := min(runtime.GOMAXPROCS(0), (len(r.in.units)+batch-1)/batch)
	if n <= 1 {
		work()
		return
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(work)
	}
	wg.Wait()
}

// work takes units and walks them until none is left or an earlier one failed.
// Units are taken in order, so every unit before the first failure is walked,
// which makes that failure the same in every run.
func (r *run) work(w *walker, done func(unit int), always func()) {
	for {
		from := int(r.next.Add(batch)) - batch
		for i := from; i < min(from+batch, len(r.in.units)); i++ {
			if int64(i) > r.failed.Load() {
				return
			}
			d := r.in.units[i].document
			document := &r.in.documents[d]
			if document.problem != nil || r.broken[d].Load() {
				continue
			}
			switch problem := w.unit(i); {
			case problem == nil:
				done(i)
			case document.pieces || document.alone:
				r.broken[d].Store(true)
			default:
				r.fail(i, problem)
			}
			always()
		}
		if from+batch >= len(r.in.units) {
			return
		}
	}
}

func (r *run) fail(unit int, problem *InputError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int64(unit) < r.failed.Load() {
		r.failed.Store(int64(unit))
		r.problem = problem
	}
}

// failure gives the error of a document.
func (r *run) failure(d int) error {
	document := &r.in.documents[d]
	if document.problem != nil {
		return r.in.located(d, document.problem)
	}
	if failed := int(r.failed.Load()); document.first <= failed && failed < document.last {
		return r.problem
	}
	return nil
}
