package imageref_test

import (
	"testing"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/internal/imagetable"
)

func TestScanTellsLiteralTextFromPlaceholders(t *testing.T) {
	const digest = "sha256:" + hex64
	type ref = imageref.Reference
	for _, tc := range []struct {
		image string
		want  ref
		state imageref.State
	}{
		// What parses is read as Parse does.
		{"nginx", ref{"docker.io", "library/nginx", "", ""}, imageref.Untagged},
		{"reg.io/a:1", ref{"reg.io", "a", "1", ""}, imageref.Tagged},
		{"reg.io/a@" + digest, ref{"reg.io", "a", "", digest}, imageref.Pinned},
		{"reg.io/a:1@" + digest, ref{"reg.io", "a", "1", digest}, imageref.TaggedAndPinned},
		{"foo:__TAG__", ref{"docker.io", "library/foo", "__TAG__", ""}, imageref.Tagged},

		// A placeholder before the last part of the path can not bring a tag.
		{"{{reg}}/app:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"{{reg}}/app", ref{}, imageref.Untagged},
		{"{{reg}}/app@" + digest, ref{Digest: digest}, imageref.Pinned},
		{"{{reg}}/app:1@" + digest, ref{Tag: "1", Digest: digest}, imageref.TaggedAndPinned},
		{"{{reg}}:{{port}}/team/app:1.2", ref{Tag: "1.2"}, imageref.Tagged},
		{"reg.io:{{port}}/app", ref{}, imageref.Untagged},
		{"reg.io/{{team}}/app:1", ref{"reg.io", "", "1", ""}, imageref.Tagged},
		{"reg.io/a/b{{x}}/app", ref{"reg.io", "a/", "", ""}, imageref.Untagged},
		{"team/{{x}}/app", ref{"docker.io", "team/", "", ""}, imageref.Untagged},
		{"{{ .Values.registry }}/app:latest", ref{Tag: "latest"}, imageref.Tagged},
		{`{{=inputs.parameters["reg/x:1@y"] + '}}/z'}}/app:latest`, ref{Tag: "latest"}, imageref.Tagged},
		{`{{=toJson({"a": {"b": 1}})}}/app`, ref{}, imageref.Untagged},

		// One in the last part may, unless the tag follows it.
		{"{{image}}", ref{}, imageref.Unknown},
		{"{{image}}:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"{{image}}:1.2@" + digest, ref{Tag: "1.2", Digest: digest}, imageref.TaggedAndPinned},
		{"{{image}}@" + digest, ref{Digest: digest}, imageref.Unknown},
		{"reg.io/{{app}}", ref{"reg.io", "", "", ""}, imageref.Unknown},
		{"reg.io/a/{{app}}:1", ref{"reg.io", "a/", "1", ""}, imageref.Tagged},
		{"reg.io/a/b{{app}}", ref{"reg.io", "a/", "", ""}, imageref.Unknown},
		{"app{{suffix}}:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"app{{suffix}}", ref{}, imageref.Unknown},
		{"docker.io/{{app}}:1", ref{"docker.io", "", "1", ""}, imageref.Tagged},
		{"index.docker.io/a/{{app}}:1", ref{"docker.io", "a/", "1", ""}, imageref.Tagged},
		{"a_b.c/{{app}}:1", ref{"", "a_b.c/", "1", ""}, imageref.Tagged},

		// A tag is literal, or it is not.
		{"app:{{tag}}", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"app:1.2-{{x}}", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"app:latest{{x}}", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"app:{{tag}}-alpine", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"app:{{tag}}@" + digest, ref{"docker.io", "library/app", "", digest}, imageref.Unknown},
		{"{{image}}:{{tag}}", ref{}, imageref.Unknown},
		{"reg.io:5000/team/app:{{tag}}", ref{"reg.io:5000", "team/app", "", ""}, imageref.Unknown},
		{"docker/whalesay:{{=sprig.trim(inputs.parameters.tag)}}", ref{"docker.io", "docker/whalesay", "", ""}, imageref.Unknown},
		{hex64 + ":{{tag}}", ref{"docker.io", "library/" + hex64, "", ""}, imageref.Unknown},

		// Behind the @ there is a digest, whatever it will be.
		{"app:latest@{{digest}}", ref{"docker.io", "library/app", "latest", ""}, imageref.TaggedAndPinned},
		{"app@{{digest}}", ref{"docker.io", "library/app", "", ""}, imageref.Pinned},
		{"app@sha256:{{hex}}", ref{"docker.io", "library/app", "", ""}, imageref.Pinned},
		{"{{reg}}/app@{{digest}}", ref{}, imageref.Pinned},

		// The other engines' signs.
		{"$(IMAGE)", ref{}, imageref.Unknown},
		{"$(params.image)", ref{}, imageref.Unknown},
		{"${IMAGE}:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"${REG:-reg.io/x}/app:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"${A:-${B:-c:1}}/app", ref{}, imageref.Untagged},
		{"app:$(TAG)", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"app:$TAG", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"$IMAGE", ref{}, imageref.Unknown},
		{"$REG/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"$REG:5000/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"$${REG}/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"$[[ inputs.image ]]:1", ref{Tag: "1"}, imageref.Tagged},
		{"<IMAGE>", ref{}, imageref.Unknown},
		{"<path:secret/data#tag | base64>", ref{}, imageref.Unknown},
		{"app:<path:secret#tag>", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"<%= reg -> x %>/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"<<IMAGE>>:1", ref{Tag: "1"}, imageref.Tagged},
		{"%IMAGE%", ref{}, imageref.Unknown},
		{"%REG%/app:latest", ref{Tag: "latest"}, imageref.Tagged},
		{"app:@project.version@", ref{"docker.io", "library/app", "", ""}, imageref.Unknown},
		{"@REG@/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"#{REG}#/app:#{TAG}#", ref{}, imageref.Unknown},
		{"{% if x %}a{% endif %}/app:1", ref{Tag: "1"}, imageref.Tagged},
		{"{image}:1", ref{Tag: "1"}, imageref.Tagged},
		{"{{ it's }}/app:1", ref{Tag: "1"}, imageref.Tagged},

		// What can not become a reference is none.
		{"", ref{}, imageref.Invalid},
		{"IMAGE_PLACEHOLDER", ref{}, imageref.Invalid},
		{"ko://github.com/x/y", ref{}, imageref.Invalid},
		{"docker://{{image}}", ref{}, imageref.Invalid},
		{"{{reg}}/App:latest", ref{}, imageref.Invalid},
		{" {{image}}", ref{}, imageref.Invalid},
		{"{{image}}:latest ", ref{}, imageref.Invalid},
		{"{{image}}:", ref{}, imageref.Invalid},
		{"{{reg}}//app", ref{}, imageref.Invalid},
		{"{{reg}}/app@sha256:abc", ref{}, imageref.Invalid},
		{"{{reg}}/app:1:2", ref{}, imageref.Invalid},
		{"app:{{tag", ref{}, imageref.Invalid},
		{"app:tag}}", ref{}, imageref.Invalid},
		{"app:$", ref{}, imageref.Invalid},
		{"app:100%", ref{}, imageref.Invalid},
		{"nginx:latest@latest", ref{}, imageref.Invalid},
	} {
		got, state := imageref.Scan(tc.image)
		if got != tc.want || state != tc.state {
			t.Errorf("Scan(%q)\n got %+v %v\nwant %+v %v", tc.image, got, state, tc.want, tc.state)
		}
		if tag, state := imageref.TagOf(tc.image); tag != tc.want.Tag || state != tc.state {
			t.Errorf("TagOf(%q) = %q, %v, want %q, %v", tc.image, tag, state, tc.want.Tag, tc.state)
		}
	}
}

func TestHasPlaceholderIsFalseForWhatParses(t *testing.T) {
	placeholders := 0
	for _, row := range imagetable.Rows(t) {
		has := imageref.HasPlaceholder(row.Image)
		if has && row.Err == "" {
			t.Errorf("HasPlaceholder(%q) = true", row.Image)
		}
		if has {
			placeholders++
		}
	}
	if placeholders != 14 {
		t.Errorf("the table has %d images with placeholders, want 14", placeholders)
	}
}

func FuzzScanIsParseWhereverParseAccepts(f *testing.F) {
	for _, row := range imagetable.Rows(f) {
		f.Add(row.Image)
	}
	f.Add(`{{=x["}}"]}}/app:1@sha256:{{y}}`)
	f.Fuzz(func(t *testing.T, image string) {
		r, state := imageref.Scan(image)
		parsed, err := imageref.Parse(image)
		switch {
		case err == nil:
			if r != parsed || state == imageref.Invalid || state == imageref.Unknown || imageref.HasPlaceholder(image) {
				t.Errorf("Scan(%q) = %+v, %v, HasPlaceholder %v, but Parse gives %+v", image, r, state, imageref.HasPlaceholder(image), parsed)
			}
		case !imageref.HasPlaceholder(image):
			if state != imageref.Invalid || r != (imageref.Reference{}) {
				t.Errorf("Scan(%q) = %+v, %v, but Parse says: %v", image, r, state, err)
			}
		}
	})
}
