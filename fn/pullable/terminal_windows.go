package main

import (
	"os"
	"syscall"
	"unsafe"
)

var consoleScreenBufferInfo = syscall.NewLazyDLL("kernel32.dll").NewProc("GetConsoleScreenBufferInfo")

// terminalWidth asks the console for the width of its window, which may be
// narrower than its buffer; 0 where the file is no console.
func terminalWidth(file *os.File) int {
	// CONSOLE_SCREEN_BUFFER_INFO of the console API.
	var info struct {
		size, cursor             struct{ x, y int16 }
		attributes               uint16
		left, top, right, bottom int16
		largest                  struct{ x, y int16 }
	}
	ok, _, _ := consoleScreenBufferInfo.Call(file.Fd(), uintptr(unsafe.Pointer(&info)))
	if ok == 0 {
		return 0
	}
	return int(info.right-info.left) + 1
}
