package transforms

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/io/store"
	"ctcohort/transforms/progress"
)

func init() {
	beam.RegisterDoFn(&listFn{})
	registerElement[Archive]()
	registerElement[Batch]()
	register.Emitter1[Batch]()
}

// An Archive is where the files of a cohort lie. Images and Labels are the forms
// of their names, package naming's patterns, where they are volumes; both are
// empty where they are DICOM.
type Archive struct {
	Cohort, Site, URI string
	Images, Labels    string
}

// OfVolumes says whether the files are volumes, NIfTI or NRRD, and no DICOM.
func (a Archive) OfVolumes() bool { return a.Images != "" || a.Labels != "" }

// An Input is one file of an archive. Its name may hold an identity: it never
// leaves the stages that read originals.
type Input struct {
	Archive Archive
	Name    string
}

// A Batch is neighbouring files of an archive. Like their names, it never leaves
// the stages that read originals.
type Batch struct {
	Archive Archive
	Files   []File
}

// A File is one file of a batch.
type File struct {
	Name    string
	Bytes   int64
	Version string // store.Object's
}

// Format is what an input's name says that it is: nifti, nrrd or dicom.
func (in Input) Format() string {
	name := strings.ToLower(path.Base(in.Name))
	switch {
	case strings.HasSuffix(name, ".nii"), strings.HasSuffix(name, ".nii.gz"):
		return "nifti"
	case strings.HasSuffix(name, ".nrrd"), strings.HasSuffix(name, ".nhdr"):
		return "nrrd"
	}
	return "dicom"
}

// List finds every file of the archives: PCollection<Archive> → PCollection<Batch>.
func List(s beam.Scope, archives beam.PCollection) beam.PCollection {
	s = s.Scope("List")
	return beam.Reshuffle(s, beam.ParDo(s, &listFn{}, archives))
}

type listFn struct{}

// Where a batch ends depends on the names of its files, so that an archive that
// grows keeps the batches that nothing came into.
const (
	batchFiles    = 256 // on average
	maxBatchFiles = 1024
)

func endsBatch(name string) bool {
	hash := fnv.New32a()
	io.WriteString(hash, name)
	return hash.Sum32()%batchFiles == 0
}

func (f *listFn) ProcessElement(ctx context.Context, a Archive, emit func(Batch)) error {
	files, err := store.Open(ctx, a.URI)
	if err != nil {
		return err
	}
	batch := Batch{Archive: a}
	for object, err := range files.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("listing the archive of cohort %s: %w", a.Cohort, err)
		}
		progress.Stage("anonymise").Found(1)
		batch.Files = append(batch.Files, File{object.Name, object.Size, object.Version})
		if len(batch.Files) == maxBatchFiles || endsBatch(object.Name) {
			emit(batch)
			batch.Files = nil
		}
	}
	if len(batch.Files) > 0 {
		emit(batch)
	}
	return nil
}
