module github.com/pullable/pullable/pkg/corpus

go 1.26.0

require (
	github.com/distribution/reference v0.6.0
	github.com/google/go-cmp v0.7.0
	github.com/pullable/pullable v0.0.0
	go.yaml.in/yaml/v3 v3.0.6
)

require github.com/opencontainers/go-digest v1.0.0 // indirect

replace github.com/pullable/pullable => ../..
