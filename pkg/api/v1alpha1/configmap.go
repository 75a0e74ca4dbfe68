package v1alpha1

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// ConfigMapKey is a key that the data of a ConfigMap may have.
type ConfigMapKey struct {
	// Key is the key's name.
	Key string
	// Path is the field of ImagePullConfig that the key sets.
	Path string
	// Form says how the value is written.
	Form string

	set func(c *ImagePullConfig) any
}

// ConfigMapKeys lists the keys of a ConfigMap that serves as a config, which is
// how kpt fn eval passes key=value. It is the whole list.
func ConfigMapKeys() []ConfigMapKey {
	const commas, truth = "names, parted by commas", "`true` or `false`"
	return []ConfigMapKey{
		{"pullSecrets", "pullSecrets.add", commas, func(c *ImagePullConfig) any { return &c.PullSecrets.Add }},
		{"mode", "pullPolicy.mode", oneOf(ModeFill), func(c *ImagePullConfig) any { return &c.PullPolicy.Mode }},
		{"attachTo", "pullSecrets.attachTo", oneOf(AttachToPods), func(c *ImagePullConfig) any { return &c.PullSecrets.AttachTo }},
		{"movingTags", "pullPolicy.movingTags", "patterns, parted by commas", func(c *ImagePullConfig) any { return &c.PullPolicy.MovingTags }},
		{"fromPackage", "pullSecrets.fromPackage", truth, func(c *ImagePullConfig) any { return &c.PullSecrets.FromPackage }},
		{"check", "check", truth, func(c *ImagePullConfig) any { return &c.Check }},
		{"failOn", "failOn", oneOf(FailOnError), func(c *ImagePullConfig) any { return &c.FailOn }},
	}
}

func oneOf(e Enumeration) string {
	return "`" + strings.Join(e.Values(), "`, `") + "`"
}

// configMap reads a ConfigMap of flat strings.
func (d *decoder) configMap(n yamledit.Node, c *ImagePullConfig) {
	if m, _ := n.Get("metadata"); m.Exists() {
		c.Metadata = readMetadata(m)
	}
	allowed := []string{"apiVersion", "kind", "metadata", "immutable", "data"}
	for key, value := range d.entries(n, "") {
		switch {
		case key == "binaryData":
			d.add(value, key, "it is not read; put the settings under data, as text")
		case !slices.Contains(allowed, key):
			d.add(value, within("", key), "there is no such field in a ConfigMap%s; settings stand under data", meant(key, allowed))
		case key == "data":
			d.configMapData(value, c)
		}
	}
}

func (d *decoder) configMapData(data yamledit.Node, c *ImagePullConfig) {
	switch data.Kind() {
	case yamledit.Null:
		return // kpt and kubectl write a ConfigMap without settings in this way
	case yamledit.Mapping:
	default:
		d.add(data, "data", "it is %s; it must be a mapping of strings", found(data))
		return
	}
	keys := ConfigMapKeys()
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Key
	}
	for key, value := range d.entries(data, "data") {
		at := within("data", key)
		i := slices.Index(names, key)
		switch {
		case i < 0:
			d.add(value, at, "there is no such key%s; a ConfigMap may have the keys %s; for more settings use a config of kind %s",
				meant(key, names), list(names, "and"), Kind)
		case value.Kind() != yamledit.String:
			d.add(value, at, "it is %s; the values of a ConfigMap are strings%s", found(value), wayOut(value, reflect.TypeFor[string]()))
		default:
			d.places[keys[i].Path] = place{node: value, shown: at}
			d.flat(value, at, keys[i].set(c))
		}
	}
}

// flat reads a string of a ConfigMap into a field of the config.
func (d *decoder) flat(n yamledit.Node, path string, field any) {
	text := n.Text()
	switch f := field.(type) {
	case *bool:
		if text != "true" && text != "false" {
			d.add(n, path, "it is %s; it must be \"true\" or \"false\"", quote(text))
		}
		*f = text == "true"
	case *[]PullSecret:
		for _, name := range split(text) {
			*f = append(*f, PullSecret{Name: name})
		}
	case *[]string:
		*f = split(text)
	default:
		reflect.ValueOf(field).Elem().SetString(text)
	}
}

// split parts a text at its commas. Between two commas stands an empty item,
// which is then refused: it may have been meant as something.
func split(text string) []string {
	items := strings.Split(text, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
	}
	return items
}
