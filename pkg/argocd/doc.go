// Package argocd reads what an Argo CD Application says to a config management
// plugin, and announces what may be said.
//
// Argo CD hands the parameters of an Application (spec.source.plugin.parameters)
// to a plugin as JSON in the variable ARGOCD_APP_PARAMETERS, its variables
// (spec.source.plugin.env) with the prefix ARGOCD_ENV_, and the namespace that it
// deploys to as ARGOCD_APP_NAMESPACE. The form is that of
// ApplicationSourcePluginParameters in github.com/argoproj/argo-cd,
// pkg/apis/application/v1alpha1/types.go.
//
// The file plugin.yaml of this folder makes pullable's container image such a
// plugin.
package argocd

//go:generate go run ./internal/gen
