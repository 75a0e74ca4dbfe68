//go:build kubelet

package hosts

// `make e2e-kubelet` builds this program from the same module; an import keeps what it needs in go.mod.
import _ "k8s.io/kubernetes/cmd/kubelet"
