module github.com/pullable/pullable/pkg/conformance/crds

go 1.26.0

replace github.com/pullable/pullable => ../../..

require (
	github.com/pullable/pullable v0.0.0
	go.yaml.in/yaml/v3 v3.0.6
)
