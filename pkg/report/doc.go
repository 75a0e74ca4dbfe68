// Package report writes what was found in files of manifests, for people and
// for the tools that they use: one file for each format.
package report
