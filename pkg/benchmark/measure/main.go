// Measure runs one command as a whole process and prints what it took: nanoseconds of wall time and bytes of peak memory.
//
//	measure INPUT COMMAND [ARGUMENT]...
//
// The command reads INPUT as a regular file and writes to the null device. Measure exists apart from the runner because
// Linux counts a parent's own peak memory as its child's (it carries over from fork to exec): the parent must be small.
package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		fail("usage: measure INPUT COMMAND [ARGUMENT]...")
	}
	input, err := os.Open(os.Args[1])
	if err != nil {
		fail(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		fail(err)
	}
	begin := time.Now()
	child, err := os.StartProcess(os.Args[2], os.Args[2:], &os.ProcAttr{Env: os.Environ(), Files: []*os.File{input, null, os.Stderr}})
	if err != nil {
		fail(err)
	}
	state, err := child.Wait()
	wall := time.Since(begin)
	if err != nil {
		fail(err)
	}
	if !state.Success() {
		fail(os.Args[2], ": ", state)
	}
	usage := state.SysUsage().(*syscall.Rusage)
	fmt.Println(wall.Nanoseconds(), usage.Maxrss*1024) // Linux counts Maxrss in KiB
}

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, what...)
	os.Exit(1)
}
