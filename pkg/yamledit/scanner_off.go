//go:build yamlparser

package yamledit

const withScanner = false
