package yamledit

import "testing"

func TestItemsOfTheLastFieldComeBeforeANewField(t *testing.T) {
	doc, err := Parse([]byte("a:\n- x\n"))
	if err != nil {
		t.Fatal(err)
	}
	field, err := doc.Root().List("b", "")
	if err != nil {
		t.Fatal(err)
	}
	edits, err := field.Edit(nil, []Value{Text("z")})
	if err != nil {
		t.Fatal(err)
	}
	list, err := doc.Root().List("a", "")
	if err != nil {
		t.Fatal(err)
	}
	more, err := list.Edit(nil, []Value{Text("v")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Apply([]byte("a:\n- x\n"), append(edits, more...))
	if want := "a:\n- x\n- v\nb:\n- z\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
