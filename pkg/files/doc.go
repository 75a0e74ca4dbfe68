// Package files finds the files of a tree that people mean, and writes them
// safely. It knows nothing of Kubernetes.
package files
