package pullpolicy_test

import (
	"fmt"

	"github.com/pullable/pullable/pkg/pullpolicy"
)

func ExampleRules_Decide() {
	rules := pullpolicy.Rules{MovingTags: []string{"*-snapshot"}}
	for _, image := range []string{"nginx", "app:1.0-snapshot", "app:{{tag}}"} {
		d := rules.Decide(image)
		if d.Unknown != pullpolicy.Known {
			fmt.Printf("%s is left alone because %s\n", image, d.Reason)
			continue
		}
		fmt.Printf("%s is %s because %s\n", image, d.Policy, d.Reason)
	}
	// Output:
	// nginx is Always because image has no tag, which means latest
	// app:1.0-snapshot is Always because image has the tag 1.0-snapshot, which pullPolicy.movingTags lists as "*-snapshot"
	// app:{{tag}} is left alone because image has a placeholder where its tag is or may be
}
