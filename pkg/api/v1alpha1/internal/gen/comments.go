package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// comments holds the doc comments of types (T) and of their fields (T.F), each
// paragraph as one line.
type comments map[string]string

func readComments(file string) (comments, error) {
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	docs := comments{}
	for _, decl := range tree.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			t := spec.(*ast.TypeSpec)
			docs[t.Name.Name] = paragraphs(group.Doc)
			fields, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					docs[t.Name.Name+"."+name.Name] = paragraphs(f.Doc)
				}
			}
		}
	}
	return docs, nil
}

func paragraphs(doc *ast.CommentGroup) string {
	parts := strings.Split(strings.TrimSpace(doc.Text()), "\n\n")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, "\n", " ")
	}
	return strings.Join(parts, "\n\n")
}

// field gives a field's comment. A field without one has no description in the
// schema, so it must not be.
func (c comments) field(t reflect.Type, f reflect.StructField) string {
	doc := c[t.Name()+"."+f.Name]
	if doc == "" {
		panic(fmt.Sprintf("%s.%s has no doc comment", t.Name(), f.Name))
	}
	return doc
}
