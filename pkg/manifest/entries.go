package manifest

import (
	"io"
	"runtime"
	"sync/atomic"
)

// Results are made in pieces of so many, of which so many wait to be written at
// most: a large input has several thousand, of half a kilobyte each.
const (
	resultsInPiece = 64
	piecesAhead    = 64
)

// entries are results that are made on every core while something else is
// written.
type entries struct {
	free   chan []byte   // memory for pieces
	pieces []chan []byte // in their order
	quit   chan struct{}
}

// start begins to make the entries of results.
func (e emitter) start(results []Result) *entries {
	n := (len(results) + resultsInPiece - 1) / resultsInPiece
	all := &entries{free: make(chan []byte, piecesAhead), pieces: make([]chan []byte, n), quit: make(chan struct{})}
	for i := range all.pieces {
		all.pieces[i] = make(chan []byte, 1)
	}
	for range min(n, piecesAhead) {
		all.free <- nil
	}
	var next atomic.Int64
	work := func() {
		for {
			// Who has memory takes the first piece that nobody makes, so the piece that
			// is waited for is always being made.
			var out []byte
			select {
			case out = <-all.free:
			case <-all.quit:
				return
			}
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if out == nil {
				out = make([]byte, 0, resultsInPiece*512)
			}
			from := i * resultsInPiece
			all.pieces[i] <- e.append(out[:0], results[from:min(from+resultsInPiece, len(results))], from)
		}
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		go work()
	}
	return all
}

// writeTo writes the entries. An error of w is w's to keep.
func (all *entries) writeTo(w io.Writer) {
	for _, piece := range all.pieces {
		text := <-piece
		w.Write(text)
		all.free <- text
	}
}

// stop ends the work, also where not all is written.
func (all *entries) stop() { close(all.quit) }
