// Package readme puts generated text into the README, between two markers:
//
//	<!-- config:begin -->
//	…
//	<!-- config:end -->
package readme

import (
	"fmt"
	"os"
	"strings"
)

// Insert puts text between the markers of a name. A README without these
// markers stays as it is; one marker without the other is an error.
func Insert(readme, name, text string) (string, error) {
	begin, end := "<!-- "+name+":begin -->", "<!-- "+name+":end -->"
	before, rest, begins := strings.Cut(readme, begin)
	_, after, ends := strings.Cut(rest, end)
	switch {
	case !begins && !strings.Contains(readme, end):
		return readme, nil
	case !begins || !ends:
		return "", fmt.Errorf("the README needs both %s and, after it, %s", begin, end)
	}
	return before + begin + "\n" + text + end + after, nil
}

// Update puts text between the markers of a name in a file. A file that is not
// there is left so.
func Update(file, name, text string) error {
	old, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	updated, err := Insert(string(old), name, text)
	if err != nil || updated == string(old) {
		return err
	}
	return os.WriteFile(file, []byte(updated), 0o644)
}
