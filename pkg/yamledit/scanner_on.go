//go:build !yamlparser

package yamledit

// withScanner says that documents are read by the scanner where it is sure of
// them. The build tag yamlparser leaves everything to the parser, to measure
// and to test that way too.
const withScanner = true
