package imageref_test

import (
	"fmt"

	"github.com/pullable/pullable/pkg/imageref"
)

func ExampleParse() {
	r, err := imageref.Parse("nginx:1.27")
	fmt.Println(r.Domain, r.Path, r.Tag, err)
	_, err = imageref.Parse("docker://nginx:1.27")
	fmt.Println(err)
	// Output:
	// docker.io library/nginx 1.27 <nil>
	// it starts with a scheme (such as docker://), which is no part of an image
}

func ExampleTagOf() {
	for _, image := range []string{"{{registry}}/app:latest", "{{registry}}/app", "app:{{tag}}"} {
		tag, state := imageref.TagOf(image)
		fmt.Printf("%s: %q %v\n", image, tag, state)
	}
	// Output:
	// {{registry}}/app:latest: "latest" Tagged
	// {{registry}}/app: "" Untagged
	// app:{{tag}}: "" Unknown
}

func ExamplePattern() {
	p, err := imageref.ParsePattern("*.example.com/cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.MatchesImage("reg.example.com/cache/app:1"))
	fmt.Println(p.MatchesImage("reg.example.com/cache-busting:1"))
	// Output:
	// true
	// false
}
