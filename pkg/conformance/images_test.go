package conformance

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/util/parsers"

	"github.com/pullable/pullable/pkg/internal/imagetable"
)

func TestEveryRowOfTheImageTableIsWhatKubernetesDoes(t *testing.T) {
	for _, row := range imagetable.Rows(t) {
		got := imagetable.Row{Image: row.Image}
		repository, tag, digest, err := parsers.ParseImageName(row.Image)
		got.Repository, got.Tag, got.Digest = repository, tag, digest
		if err != nil {
			got.Err = strings.TrimPrefix(err.Error(), fmt.Sprintf("couldn't parse image name %q: ", row.Image))
		}
		container := corev1.Container{Image: row.Image}
		defaults.SetDefaults_Container(&container)
		got.Container = string(container.ImagePullPolicy)
		volume := corev1.Volume{VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: row.Image}}}
		defaults.SetDefaults_Volume(&volume)
		got.Volume = string(volume.Image.PullPolicy)
		if got != row {
			t.Errorf("\n the row is %q\nupstream is %q", row, got)
		}
	}
}
