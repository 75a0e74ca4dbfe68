# `make` builds, `make test` tests; both need Go and make only.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
IMAGE    ?= localhost/pullable:dev
# Several platforms, separated by commas, make one image with a manifest for each.
PLATFORMS ?= linux/$(shell go env GOHOSTARCH)
TEST_FLAGS ?=

# Test dependencies that would burden the library's users live in modules of their own.
MODULES := . $(patsubst %/go.mod,%,$(shell find ./*/ -name go.mod -not -path '*/testdata/*' | sort))

.PHONY: build
build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/pullable ./fn/pullable

.PHONY: help
help:
	@echo 'make            build bin/pullable'
	@echo 'make helm-plugin  put the plugin for Helm 4 together in bin/helm-plugin'
	@echo 'make demo       show what pullable changes in examples/pipe'
	@echo 'make test       run every test of every module; PULLABLE_HOSTS=required makes a missing host a failure'
	@echo 'make hosts      build the hosts that come as Go modules ($(HOSTS)) into .cache/bin, for the tests'
	@echo 'make e2e-kubelet  let a kubelet pull from a registry with a password; needs root and containerd'
	@echo 'make lint       gofmt, go vet and staticcheck'
	@echo 'make fmt        format the Go files'
	@echo 'make generate   write the generated files again'
	@echo 'make bench      measure against other programs and write the table of README.md'
	@echo 'make image      build $(IMAGE) for $(PLATFORMS) with docker, podman or buildah'
	@echo 'make release    put everything that is published into $(RELEASE), with podman or buildah; nothing is pushed'
	@echo 'make clean      remove what was built'

# The folder that `helm plugin install` takes (Helm 4), for this machine only.
PLATFORM = $(shell go env GOOS)-$(shell go env GOARCH)
.PHONY: helm-plugin
helm-plugin: build
	@mkdir -p bin/helm-plugin/$(PLATFORM)
	cp fn/pullable/helm/plugin.yaml bin/helm-plugin/
	cp bin/pullable bin/helm-plugin/$(PLATFORM)/pullable$(shell go env GOEXE)

# diff ends with 1 when there are differences, and here there should be some.
.PHONY: demo
demo: build
	@bin/pullable --config examples/pipe/config.yaml < examples/pipe/input.yaml > bin/demo.yaml
	@diff -u examples/pipe/input.yaml bin/demo.yaml; test $$? -eq 1

.PHONY: test
test:
	go run ./.ci/testall $(TEST_FLAGS) $(MODULES)

# Each folder is a module of its own that pins a host and everything in it. It builds its main.go, or the one tool that
# its go.mod names. HOST_LDFLAGS of a single target, as `.cache/bin/NAME: HOST_LDFLAGS = -X …`, go to the linker.
HOSTS := $(patsubst .ci/hosts/%/go.mod,%,$(sort $(wildcard .ci/hosts/*/go.mod)))

.PHONY: hosts
hosts: $(HOSTS:%=.cache/bin/%)

.SECONDEXPANSION:
$(HOSTS:%=.cache/bin/%): .cache/bin/%: $$(wildcard .ci/hosts/$$*/*)
	CGO_ENABLED=0 go build -C .ci/hosts/$* -trimpath -buildvcs=false -ldflags '-s -w $(HOST_LDFLAGS)' \
		-o '$(CURDIR)/$@' $(if $(wildcard .ci/hosts/$*/main.go),.,tool)

# Without this the programs of Kubernetes take themselves for v0.0.0.
KUBERNETES_LDFLAGS = -X k8s.io/component-base/version.gitVersion=$(shell sed -n 's/^require k8s.io.kubernetes //p' .ci/hosts/kube-apiserver/go.mod)
.cache/bin/kube-apiserver: HOST_LDFLAGS = $(KUBERNETES_LDFLAGS)

# The kubelet comes from the same module, and only one test needs it.
.cache/bin/kubelet: $(wildcard .ci/hosts/kube-apiserver/*)
	CGO_ENABLED=0 go build -C .ci/hosts/kube-apiserver -trimpath -buildvcs=false -ldflags '-s -w $(KUBERNETES_LDFLAGS)' \
		-o '$(CURDIR)/$@' k8s.io/kubernetes/cmd/kubelet

# It needs root, containerd and what the other tests with a registry and an API server need.
.PHONY: e2e-kubelet
e2e-kubelet: .cache/bin/kube-apiserver .cache/bin/kubelet
	cd examples && go vet -tags kubelet . && PULLABLE_HOSTS=required go test -tags kubelet -count=1 -v -run '^TestAKubelet' .

.PHONY: fmt
fmt:
	gofmt -w $(MODULES) .ci

.PHONY: lint
lint: gofmt vet staticcheck

.PHONY: gofmt
gofmt:
	@unformatted=$$(gofmt -l . .ci); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet:
	@set -e; for m in $(MODULES); do echo "go vet $$m"; (cd $$m && go vet ./...); done
	go vet ./.ci/testall ./.ci/release

# The linter has a module file of its own, so that it never shows among the library's dependencies.
.cache/bin/staticcheck: .ci/tools.mod .ci/tools.sum
	go build -modfile=.ci/tools.mod -o $@ honnef.co/go/tools/cmd/staticcheck

.PHONY: staticcheck
staticcheck: .cache/bin/staticcheck
	@set -e; for m in $(MODULES); do echo "staticcheck $$m"; (cd $$m && $(CURDIR)/.cache/bin/staticcheck ./...); done
	.cache/bin/staticcheck ./.ci/testall ./.ci/release

.PHONY: generate
generate:
	@set -e; for m in $(MODULES); do echo "go generate $$m"; (cd $$m && go generate ./...); done

.PHONY: bench
bench:
	cd pkg/benchmark && go run . -readme ../../README.md

# Taken in this order: docker, where an engine answers behind its command line, podman, buildah.
ENGINE ?= $(shell if docker version >/dev/null 2>&1; then echo docker; \
	elif command -v podman >/dev/null 2>&1; then echo podman; \
	elif command -v buildah >/dev/null 2>&1; then echo buildah; fi)
# More arguments for the engine's build command.
BUILD_FLAGS ?=

# Older buildahs do not know the builder's platform by themselves, and one that is root where it may not make
# namespaces can still work in a chroot. Neither puts a list of manifests under a name that an image has already.
.PHONY: image
image:
	@engine='$(ENGINE)'; \
	set -- --platform '$(PLATFORMS)' --build-arg 'BUILDPLATFORM=linux/$(shell go env GOHOSTARCH)' \
		--build-arg 'VERSION=$(VERSION)' --build-arg 'REVISION=$(REVISION)' $(BUILD_FLAGS); \
	case $$engine in \
	'') echo 'make image needs docker with a running engine, podman or buildah' >&2; exit 1;; \
	docker) set -- "$$@" -t '$(IMAGE)';; \
	*) \
		if [ "$$engine" = buildah ]; then set -- --layers "$$@"; fi; \
		if [ "$$(id -u)" = 0 ] && ! unshare --user true 2>/dev/null; then set -- --isolation chroot "$$@"; fi; \
		case '$(PLATFORMS)' in \
		*,*) \
			{ $$engine manifest rm '$(IMAGE)' || podman untag '$(IMAGE)' || buildah rmi '$(IMAGE)' || true; } >/dev/null 2>&1; \
			set -- "$$@" --manifest '$(IMAGE)';; \
		*) set -- "$$@" -t '$(IMAGE)';; \
		esac;; \
	esac; \
	echo "$$engine build $$* ."; \
	$$engine build "$$@" .

# Dates every file of a release.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1)
RELEASE ?= out/release
RELEASE_ENGINE = $(or $(filter podman buildah,$(ENGINE)),$(shell command -v podman || command -v buildah))
RELEASE_IMAGE ?= localhost/pullable:release

.cache/bin/cyclonedx-gomod: .ci/sbom.mod .ci/sbom.sum
	CGO_ENABLED=0 go build -modfile=.ci/sbom.mod -trimpath -buildvcs=false -o $@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

# Everything that is published, in $(RELEASE); nothing is pushed. docker cannot date the image's files.
.PHONY: release
release: .cache/bin/cyclonedx-gomod
	@test -n '$(RELEASE_ENGINE)' || { echo 'make release needs podman or buildah, for an image that is the same every time' >&2; exit 1; }
	rm -rf '$(RELEASE)'
	mkdir -p '$(RELEASE)'
	$(MAKE) image IMAGE='$(RELEASE_IMAGE)' PLATFORMS=linux/amd64,linux/arm64 ENGINE='$(RELEASE_ENGINE)' \
		BUILD_FLAGS='--timestamp $(SOURCE_DATE_EPOCH) $(BUILD_FLAGS)'
	$(RELEASE_ENGINE) manifest push --quiet --all '$(RELEASE_IMAGE)' 'oci:$(abspath $(RELEASE))/image'
	$(RELEASE_ENGINE) manifest rm '$(RELEASE_IMAGE)'
	go run ./.ci/release -version '$(VERSION)' -epoch '$(SOURCE_DATE_EPOCH)' -sbom '$(CURDIR)/.cache/bin/cyclonedx-gomod' \
		-out '$(abspath $(RELEASE))'

.PHONY: clean
clean:
	rm -rf bin out .cache
