// Measure runs one command as a whole process and prints what it took: nanoseconds of wall time and of
// processor time, and bytes of peak memory.
//
//	measure [-pipe] INPUT COMMAND [ARGUMENT]...
//
// The command reads INPUT as a regular file, or from a pipe, and writes to the null device, warnings too. Measure exists apart from the runner because
// Linux counts a parent's own peak memory as its child's (it carries over from fork to exec): the parent must be small.
package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

func main() {
	args := os.Args[1:]
	piped := len(args) > 0 && args[0] == "-pipe"
	if piped {
		args = args[1:]
	}
	if len(args) < 2 {
		fail("usage: measure [-pipe] INPUT COMMAND [ARGUMENT]...")
	}
	input, err := os.Open(args[0])
	if err != nil {
		fail(err)
	}
	command, stdin := args[1:], input
	if piped {
		var fill *os.File
		if stdin, fill, err = os.Pipe(); err != nil {
			fail(err)
		}
		go func() {
			// An error means that the command has closed its end: whether it did well, its exit code tells.
			_, _ = io.Copy(fill, input)
			_ = fill.Close()
		}()
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		fail(err)
	}
	begin := time.Now()
	child, err := os.StartProcess(command[0], command, &os.ProcAttr{Env: os.Environ(), Files: []*os.File{stdin, null, null}})
	if err != nil {
		fail(err)
	}
	if piped {
		_ = stdin.Close() // the command's end is its own now
	}
	state, err := child.Wait()
	wall := time.Since(begin)
	if err != nil {
		fail(err)
	}
	if !state.Success() {
		fail(command[0], ": ", state)
	}
	usage := state.SysUsage().(*syscall.Rusage)
	fmt.Println(wall.Nanoseconds(), (state.UserTime() + state.SystemTime()).Nanoseconds(), usage.Maxrss*1024) // Linux counts Maxrss in KiB
}

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, what...)
	os.Exit(1)
}
