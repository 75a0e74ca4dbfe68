// Package modules finds the content of Go modules that tests read and that are
// no requirements: nothing of them is compiled.
package modules

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Dir returns the folder of a module whose content has the given sum, the one
// that go.sum would hold. The go command downloads what its module cache lacks.
func Dir(path, version, sum string) (string, error) {
	module := path + "@" + version
	c := exec.Command("go", "mod", "download", "-json", module)
	// Outside of any module, or the version would be looked up in go.mod; without
	// the checksum database, because the sum is compared here and tests must work
	// where only the module proxy is reachable.
	c.Dir = os.TempDir()
	c.Env = append(os.Environ(), "GOSUMDB=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := c.Output()
	var got struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, errors.Join(err, jsonErr))
	}
	if got.Error != "" {
		return "", fmt.Errorf("go mod download %s: %s", module, got.Error)
	}
	if got.Sum != sum {
		return "", fmt.Errorf("%s has the sum %s, but the list of modules says %s", module, got.Sum, sum)
	}
	return got.Dir, nil
}
