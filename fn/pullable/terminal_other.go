//go:build !linux && !darwin && !windows

package main

import "os"

// terminalWidth does not know the width here; COLUMNS tells it.
func terminalWidth(*os.File) int { return 0 }
