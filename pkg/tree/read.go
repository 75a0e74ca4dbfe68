package tree

import (
	"errors"
	"hash/maphash"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// An Input is a file, or a text that was read already.
type Input struct {
	Path    string // as people know it
	Real    string // where the file is; "" for a text
	Content []byte // of a text
}

// A Tree is what many files hold.
type Tree struct {
	Files []File // those that look like manifests, in the order of the inputs
	facts []imagepull.Facts
	table *podspec.Table
}

// A File is one of the inputs.
type File struct {
	Input
	Objects int
	Err     error // why it could not be read: *manifest.InputError or an error of the file system
	sum     uint64
}

var seed = maphash.MakeSeed()

// Read reads the inputs, on every core; the table should be that of the config
// (see [imagepull.Config.Table]). A CustomResourceDefinition in one of them, or
// in the library (nil for none), teaches a kind for all; see [imagepull.Learn]. Texts that do not look like manifests
// are left out. One that does and cannot be read keeps its error, and the others
// are read all the same. Progress, if it is not nil, is called after each input,
// from any goroutine. The error is about the library; it ends the run.
func Read(table *podspec.Table, library *crd.Library, inputs []Input, progress func()) (*Tree, error) {
	t := &Tree{table: table}
	files := make([]*File, len(inputs))
	facts := make([][]imagepull.Facts, len(inputs))
	onEveryCore(len(inputs), func(i int) {
		files[i], facts[i] = t.read(inputs[i])
		if progress != nil {
			progress()
		}
	})
	n := 0
	for i := range facts {
		n += len(facts[i])
	}
	t.facts = make([]imagepull.Facts, 0, n)
	for i, f := range files {
		if f == nil {
			continue
		}
		from := len(t.facts)
		t.facts = append(t.facts, facts[i]...)
		for j := from; j < len(t.facts); j++ {
			t.facts[j].Object.Source = len(t.Files)
		}
		t.Files = append(t.Files, *f)
	}
	return t, t.learn(library)
}

// learn reads the files once more that hold objects of kinds which can be learnt,
// or their definitions.
func (t *Tree) learn(library *crd.Library) error {
	again := func(which []int, f func(manifest.Object, yamledit.Node) imagepull.Lesson) ([]imagepull.Lesson, error) {
		lessons := make([]imagepull.Lesson, len(which))
		type stretch struct{ from, to, file int } // of which
		var files []stretch
		for at, i := range which {
			file := t.facts[i].Object.Source
			if n := len(files); n > 0 && files[n-1].file == file {
				files[n-1].to = at + 1
			} else {
				files = append(files, stretch{at, at + 1, file})
			}
		}
		onEveryCore(len(files), func(i int) {
			s := files[i]
			objects := make([]*manifest.Object, 0, s.to-s.from)
			for _, of := range which[s.from:s.to] {
				objects = append(objects, &t.facts[of].Object)
			}
			file := &t.Files[s.file]
			answers, err := file.again(objects, f)
			if err != nil {
				file.Err = err
				return
			}
			copy(lessons[s.from:s.to], answers)
		})
		return lessons, nil
	}
	return imagepull.Learn(t.table, library, t.facts, again)
}

// again reads some of a file's objects once more.
func (f *File) again(objects []*manifest.Object, gather func(manifest.Object, yamledit.Node) imagepull.Lesson) ([]imagepull.Lesson, error) {
	src, err := f.text()
	if err != nil {
		return nil, err
	}
	input, err := manifest.Read(src)
	if err != nil {
		return nil, err
	}
	return manifest.Again(input, objects, func(o manifest.Object, n yamledit.Node) imagepull.Lesson {
		lesson := gather(o, n)
		lesson.Each(detach)
		return lesson
	})
}

func (t *Tree) read(in Input) (*File, []imagepull.Facts) {
	f := &File{Input: in}
	src, err := f.text()
	if err != nil {
		f.Err = err
		return f, nil
	}
	if in.Real != "" && !manifest.LooksLikeObjects(src) {
		return nil, nil
	}
	f.sum = maphash.Bytes(seed, src)
	input, err := manifest.Read(src)
	if err != nil {
		f.Err = err
		return f, nil
	}
	type answer struct {
		object bool
		facts  imagepull.Facts
	}
	answers, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) answer {
		o.File, o.FileIndex = "", -1 // what a host wrote there is of another place
		return answer{true, imagepull.Gather(t.table, o, n)}
	})
	if err != nil {
		f.Err = err
		return f, nil
	}
	var facts []imagepull.Facts
	for i := range answers {
		if answers[i].object {
			f.Objects++
		}
		if answers[i].facts.Object.Kind != "" {
			detach(&answers[i].facts)
			facts = append(facts, answers[i].facts)
		}
	}
	return f, facts
}

// errChanged says that somebody else wrote to a file in between.
var errChanged = errors.New("the file changed while pullable ran; run it again")

// text reads a file. Where it was read before it must not have changed: places
// are offsets in the text that it had.
func (f *File) text() ([]byte, error) {
	if f.Real == "" {
		return f.Content, nil
	}
	src, err := os.ReadFile(f.Real)
	if err == nil && f.sum != 0 && maphash.Bytes(seed, src) != f.sum {
		return nil, errChanged
	}
	return src, err
}

// onEveryCore calls f with 0 to n-1, on as many goroutines as there are cores.
func onEveryCore(n int, f func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
}
