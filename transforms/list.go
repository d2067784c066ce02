package transforms

import (
	"context"
	"fmt"
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
	registerElement[Input]()
	register.Emitter1[Input]()
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
	Bytes   int64
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

// List finds every file of the archives: PCollection<Archive> → PCollection<Input>.
func List(s beam.Scope, archives beam.PCollection) beam.PCollection {
	s = s.Scope("List")
	return beam.Reshuffle(s, beam.ParDo(s, &listFn{}, archives))
}

type listFn struct{}

func (f *listFn) ProcessElement(ctx context.Context, a Archive, emit func(Input)) error {
	files, err := store.Open(ctx, a.URI)
	if err != nil {
		return err
	}
	for object, err := range files.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("listing the archive of cohort %s: %w", a.Cohort, err)
		}
		progress.Stage("anonymise").Found(1)
		emit(Input{Archive: a, Name: object.Name, Bytes: object.Size})
	}
	return nil
}
