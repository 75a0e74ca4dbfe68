// Package podspec knows where pods live: which fields of which kinds hold pod
// specs, images, pull policies and pull secrets. It walks an object and gathers
// small facts and places; it decides nothing.
//
// What it knows is data: kinds.yaml, from which go generate makes Go values.
package podspec

//go:generate go run ./gen kinds.yaml kinds_gen.go
//go:generate go run ./internal/gen
