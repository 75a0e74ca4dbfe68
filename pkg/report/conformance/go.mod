module github.com/pullable/pullable/pkg/report/conformance

go 1.26.0

replace github.com/pullable/pullable => ../../..

require (
	github.com/joshdk/go-junit v1.0.0
	github.com/owenrumney/go-sarif/v3 v3.3.1
	github.com/pullable/pullable v0.0.0
	github.com/xeipuuv/gojsonschema v1.2.0
)

require (
	github.com/owenrumney/go-sarif/v2 v2.3.3 // indirect
	github.com/xeipuuv/gojsonpointer v0.0.0-20180127040702-4e3ac2762d5f // indirect
	github.com/xeipuuv/gojsonreference v0.0.0-20180127040603-bd5ef7bd5415 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)
