package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long a run takes before it tells how far it is.
const patience = time.Second

// progress tells on a terminal how far a long run is, on one line that it takes
// away in the end.
type progress struct {
	doing   string
	done    atomic.Int64
	stopped chan struct{}
	over    sync.WaitGroup
}

// startProgress starts to tell after a while; total is 0 where it is not known.
// Where w is nil nothing is told.
func startProgress(w io.Writer, after time.Duration, doing string, total int) *progress {
	p := &progress{doing: doing, stopped: make(chan struct{})}
	if w != nil {
		p.over.Go(func() { p.tell(w, after, total) })
	}
	return p
}

func (p *progress) tell(w io.Writer, after time.Duration, total int) {
	told := false
	for wait := after; ; wait = 100 * time.Millisecond {
		select {
		case <-p.stopped:
			if told {
				fmt.Fprint(w, "\r\x1b[K")
			}
			return
		case <-time.After(wait):
			told = true
			if total > 0 {
				fmt.Fprintf(w, "\r\x1b[K%s: %d of %d files", p.doing, p.done.Load(), total)
			} else {
				fmt.Fprintf(w, "\r\x1b[K%s: %d files", p.doing, p.done.Load())
			}
		}
	}
}

// step counts one file. It may be called on any goroutine.
func (p *progress) step() { p.done.Add(1) }

// stop ends the telling; the line is gone when it returns.
func (p *progress) stop() {
	close(p.stopped)
	p.over.Wait()
}

// audience gives the stream if it is a terminal, where somebody waits.
func audience(w io.Writer) io.Writer {
	if terminal(w) {
		return w
	}
	return nil
}
