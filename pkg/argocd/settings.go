package argocd

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// The variables that Argo CD gives to a plugin.
const (
	parametersVariable = "ARGOCD_APP_PARAMETERS"
	namespaceVariable  = "ARGOCD_APP_NAMESPACE"
	variablePrefix     = "ARGOCD_ENV_"
)

// Settings are what an Application says.
type Settings struct {
	// Images are those that the build is to use, as `kustomize edit set image`
	// takes them.
	Images []string

	set       []func(*v1alpha1.ImagePullConfig)
	namespace string // that the Application deploys to
}

// Read reads the environment that Argo CD gives to a plugin, each entry as
// NAME=VALUE. A parameter wins over the variable that says the same. Parameters
// and variables that are not known are errors, as are values of another form.
func Read(environ []string) (*Settings, error) {
	given, err := variables(environ)
	if err != nil {
		return nil, err
	}
	parameters, err := readParameters(last(environ, parametersVariable))
	if err != nil {
		return nil, err
	}
	maps.Copy(given, parameters)

	s := new(Settings).inNamespace(environ)
	for _, p := range Parameters() {
		v, ok := given[p.Name]
		switch {
		case !ok:
		case p.Name == imagesName:
			s.Images = v.items
		default:
			s.set = append(s.set, func(c *v1alpha1.ImagePullConfig) { p.set(c, v) })
		}
	}
	return s, nil
}

// Override puts what the Application says above a config. A config that names no
// default namespace gets the one that the Application deploys to.
func (s *Settings) Override(c *v1alpha1.ImagePullConfig) {
	for _, set := range s.set {
		set(c)
	}
	if c.DefaultNamespace == "" {
		c.DefaultNamespace = s.namespace
	}
}

func (s *Settings) inNamespace(environ []string) *Settings {
	s.namespace = last(environ, namespaceVariable)
	return s
}

// last gives the value of a variable; of several entries the last one counts, as
// it does for programs that are started with them.
func last(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// readParameters reads the parameters: parameter's name → value.
func readParameters(text string) (map[string]value, error) {
	if text == "" {
		return nil, nil
	}
	var list []struct {
		Name   string             `json:"name"`
		String *string            `json:"string"`
		Array  *[]string          `json:"array"`
		Map    *map[string]string `json:"map"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%s is not the JSON that Argo CD makes of an Application's parameters: %w", parametersVariable, err)
	}
	given := map[string]value{}
	for _, entry := range list {
		p, ok := find(func(p Parameter) bool { return p.Name == entry.Name })
		if !ok {
			return nil, fmt.Errorf("the Application's plugin parameter %s: there is no such parameter; there are %s", entry.Name, names(func(p Parameter) string { return p.Name }))
		}
		fail := func(err error) error {
			return fmt.Errorf("the Application's plugin parameter %s: %w", entry.Name, err)
		}
		if _, twice := given[entry.Name]; twice {
			return nil, fail(errors.New("it is there twice; put both into one"))
		}
		var v value
		has := map[Form]bool{String: entry.String != nil, Array: entry.Array != nil, Map: entry.Map != nil}
		wants := p.Form
		if wants == Boolean {
			wants = String
		}
		for form := range has {
			if has[form] != (form == wants) {
				return nil, fail(fmt.Errorf("its value must stand under `%s`, and nothing under the others", wants))
			}
		}
		switch wants {
		case Array:
			v.items = *entry.Array
		case Map:
			v.pairs = *entry.Map
		default:
			if v.text = *entry.String; v.text == "" {
				continue // as the user interface leaves a field that was emptied
			}
		}
		if err := p.check(v); err != nil {
			return nil, fail(err)
		}
		given[entry.Name] = v
	}
	return given, nil
}

// variables reads the Application's own variables: parameter's name → value. An
// empty variable says nothing.
func variables(environ []string) (map[string]value, error) {
	given := map[string]value{}
	for _, entry := range environ {
		entry, ok := strings.CutPrefix(entry, variablePrefix)
		if !ok {
			continue
		}
		name, text, _ := strings.Cut(entry, "=")
		p, ok := find(func(p Parameter) bool { return p.Variable() == name })
		fail := func(err error) error { return fmt.Errorf("the Application's plugin variable %s: %w", name, err) }
		if !ok {
			return nil, fail(fmt.Errorf("there is no such variable; there are %s", names(Parameter.Variable)))
		}
		delete(given, p.Name)
		if strings.TrimSpace(text) == "" {
			continue
		}
		var v value
		switch p.Form {
		case Array:
			v.items = items(text)
		case Map:
			v.pairs = map[string]string{}
			for _, item := range items(text) {
				key, of, ok := strings.Cut(item, "=")
				if !ok {
					return nil, fail(fmt.Errorf("%q is not KEY=VALUE", item))
				}
				v.pairs[key] = of
			}
		default:
			v.text = strings.TrimSpace(text)
		}
		if err := p.check(v); err != nil {
			return nil, fail(err)
		}
		given[p.Name] = v
	}
	return given, nil
}

// items parts a list at commas and white space.
func items(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
}

func find(is func(Parameter) bool) (Parameter, bool) {
	all := Parameters()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return Parameter{}, false
}

func names(of func(Parameter) string) string {
	var all []string
	for _, p := range Parameters() {
		all = append(all, of(p))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
