package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Some hosts throw a function's standard error away, Helm 4 even where the
// function fails. These say where else it goes.
const (
	findingsFlag     = "findings-file"
	findingsVariable = "PULLABLE_FINDINGS_FILE"
)

// openFindings opens the file that gets what is written to standard error too,
// to append to it: a host may start several functions for one command. It is nil
// where no file is asked for.
//
// The flag is looked up before the flags are parsed, so that a mistake in another
// of them reaches the file as well.
func openFindings(args []string) (*os.File, error) {
	file, from := findingsArgument(args), "--"+findingsFlag
	if file == "" {
		file, from = os.Getenv(findingsVariable), findingsVariable
	}
	if file == "" {
		return nil, nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return f, nil
}

// findingsArgument is the flag's value; the last one wins, as with every flag.
func findingsArgument(args []string) string {
	value := ""
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if v, ok := strings.CutPrefix(arg, "--"+findingsFlag+"="); ok {
			value = v
		} else if arg == "--"+findingsFlag && i+1 < len(args) {
			value = args[i+1]
		}
	}
	return value
}

// twoErrors is standard error and the file. What the file does not take is an
// error; a host may well have closed standard error.
type twoErrors struct {
	stderr, file io.Writer
	failed       error
}

func (t *twoErrors) Write(p []byte) (int, error) {
	_, _ = t.stderr.Write(p)
	n, err := t.file.Write(p)
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return n, err
}
