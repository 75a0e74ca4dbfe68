// Package filter is pullable as a kio.Filter, for Go programs that hold their
// objects as RNodes. It walks and decides as the executable does; instead of
// splicing text it grafts nodes.
package filter
