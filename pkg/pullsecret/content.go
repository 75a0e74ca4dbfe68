package pullsecret

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Errors of [FromData] and [FromText] beside those of [Parse].
var (
	// ErrEmpty says that there is no content. A kubelet passes over it.
	ErrEmpty = errors.New("there is no content")
	// ErrUnknown says that the content is encrypted, or a placeholder that
	// another tool fills in. Nothing is wrong with it, but it cannot be read.
	ErrUnknown = errors.New("the content is encrypted or a placeholder")
)

// FromData reads a docker config out of a value of a Secret's data, which is
// base64.
func FromData(format Format, value string) (Config, error) {
	if value == "" {
		return Config{}, ErrEmpty
	}
	content, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		if Unreadable(value) {
			return Config{}, ErrUnknown
		}
		return Config{}, errors.New("the content is not base64, as data must be (stringData takes plain text)")
	}
	return FromText(format, string(content))
}

// FromText reads a docker config out of a value of a Secret's stringData.
func FromText(format Format, value string) (Config, error) {
	if value == "" {
		return Config{}, ErrEmpty
	}
	c, err := Parse(format, []byte(value))
	if err != nil && Unreadable(value) {
		return Config{}, ErrUnknown
	}
	return c, err
}

// placeholders are what tools leave in a text that they fill in later: SOPS,
// shells and Flux, Tekton and kustomize, Helm and Argo, the Argo CD vault plugin,
// bank-vaults, vals and 1Password.
var placeholders = [...]string{"ENC[", "${", "$(", "{{", "<path:", "vault:", "ref+", "op://"}

// Unreadable says whether a text that cannot be read looks encrypted, or like a
// placeholder.
func Unreadable(s string) bool {
	for _, p := range placeholders {
		if strings.Contains(s, p) {
			return true
		}
	}
	// <SECRET> and %SECRET% and $SECRET, and nothing else.
	s = strings.TrimSpace(s)
	if len(s) < 2 {
		return false
	}
	first, last := s[0], s[len(s)-1]
	return first == '<' && last == '>' || first == '%' && last == '%' || first == '@' && last == '@' ||
		first == '$' && strings.IndexFunc(s[1:], func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) < 0
}
