// Package tree sees many files of manifests as one package: it reads them,
// decides over all of their objects at once, and changes each file by itself.
//
//	t, err := tree.Read(config.Table(), nil, inputs, nil)
//	plan := t.Decide(config)
//	tree.Each(plan, func(f *tree.FilePlan) error { … })
//
// Memory holds what matters of each object, and the text of as many files at a
// time as there are cores.
package tree
