// Package inventory lists every image of a set of manifests, with the pull
// policy and the pull secrets that it is pulled with. Nothing here decides: it
// shows what the manifests say and what the plan would change.
package inventory
