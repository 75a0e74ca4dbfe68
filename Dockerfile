# The build stage runs on the builder's own platform and compiles for the target, so no platform needs emulation.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/pullable ./fn/pullable
# Hosts start the container with `--user nobody`, and an engine looks that name up in the image. In Argo CD the image is a
# sidecar: its user must be 999, and the file says how the sidecar is used.
RUN mkdir -p /accounts/etc /out/home/argocd/cmp-server/config \
 && echo 'nobody:x:65534:65534:nobody:/:/sbin/nologin' > /accounts/etc/passwd \
 && echo 'argocd:x:999:999:argocd:/home/argocd:/sbin/nologin' >> /accounts/etc/passwd \
 && echo 'nobody:x:65534:' > /accounts/etc/group \
 && echo 'argocd:x:999:' >> /accounts/etc/group \
 && cp pkg/argocd/plugin.yaml /out/home/argocd/cmp-server/config/
# The binary itself tells which modules are linked into it.
RUN set -eu; \
    collect() { \
        mkdir -p "/out/licenses/$1"; \
        found=; \
        for f in "$2"/LICENSE* "$2"/LICENCE* "$2"/COPYING* "$2"/NOTICE*; do \
            if [ -f "$f" ]; then cp "$f" "/out/licenses/$1/"; chmod 644 "/out/licenses/$1/${f##*/}"; found=y; fi; \
        done; \
        if [ -z "$found" ]; then echo "no licence file in $1" >&2; exit 1; fi; \
    }; \
    collect github.com/pullable/pullable /src; \
    collect go "$(go env GOROOT)"; \
    go version -m /out/pullable > /tmp/linked; \
    while read -r what module version rest; do \
        if [ "$what" = dep ]; then collect "$module" "$(go list -m -f '{{.Dir}}' "$module")"; fi; \
    done < /tmp/linked

# `--target with-git`: for kustomizations with bases in other git repositories, or at HTTPS addresses.
FROM alpine:3.22 AS with-git
RUN apk add --no-cache git openssh-client ca-certificates \
 && echo 'argocd:x:999:65534:argocd:/home/argocd:/sbin/nologin' >> /etc/passwd
COPY --from=build /out/ /
USER 65534:65534
ENTRYPOINT ["/pullable"]

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pullable" \
      org.opencontainers.image.description="Makes every image in Kubernetes manifests pullable as declared: an explicit pull policy and the right pull secrets." \
      org.opencontainers.image.source="https://github.com/pullable/pullable" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /out/ /accounts/ /
USER 65534:65534
ENTRYPOINT ["/pullable"]
