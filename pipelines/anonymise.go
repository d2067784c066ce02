package pipelines

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/schemas"
	"ctcohort/transforms"
	"ctcohort/transforms/deid"
)

// instanceShards is into how many parts a cohort's instances table is spread;
// it is the only table with a row a file.
const instanceShards = 4

// Anonymise de-identifies the archives of the configuration:
//
//	archives → List → Anonymise → Resolve → dicom/, sources/, labels/, tables/instances
func Anonymise(ctx context.Context, j Job) (Summary, error) {
	defer collectLess(j.Config.Workers)()
	on, err := readAnonymised(ctx, j)
	if err != nil {
		return Summary{}, err
	}
	var archives []transforms.Archive
	var names []string
	labels := map[string]configs.Labels{}
	for _, c := range j.Config.Cohorts {
		archives = append(archives, archivesOf(c)...)
		names, labels[c.Name] = append(names, c.Name), j.Config.LabelsOf(c.Name)
	}
	st := stage{
		name:     "anonymise",
		tables:   []output{outputOf[schemas.Instance]("part"), rejectsOf("anonymise")},
		cohorts:  names,
		notes:    append(linkNotes(on.links, j.Config.Cohorts), crosswalkNote(j.Config.Deidentification.Crosswalk)...),
		settings: on.settings, inputs: on.inputs, rules: deid.RulesVersion,
		data: ownFiles(1, "dicom", "sources", "labels"), files: filesOf[schemas.Instance],
		build: func(s beam.Scope, journal transforms.Journal) {
			if j.Config.Deidentification.Crosswalk.Output != "" {
				journal = transforms.Journal{} // it names originals, so it comes from reading them
			}
			batches := transforms.List(s, beam.CreateList(s, archives))
			how := transforms.Deidentification{Root: j.out(), Rules: j.Config.Deidentification, Labels: labels, Journal: journal, Workers: j.Config.Workers}
			instances, rejects := transforms.Anonymise(s, how, batches)
			resolved, collisions := transforms.Resolve(s, j.out(), instances)
			transforms.WriteTable[schemas.Instance](s, j.out(), "part", instanceShards, resolved)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-anonymise", 1, beam.Flatten(s, rejects, collisions))
		},
	}
	return st.run(ctx, j)
}

// What de-identified files depend on.
type anonymisedOn struct {
	inputs   map[string]string
	settings map[string]any
	links    *deid.Links
}

func readAnonymised(ctx context.Context, j Job) (on anonymisedOn, err error) {
	if DryRun() {
		return on, nil
	}
	key, err := transforms.LoadKey(ctx, j.Config.Deidentification.Key)
	if err != nil {
		return on, err
	}
	if on.inputs, err = archiveDigests(ctx, j, key); err != nil {
		return on, err
	}
	if on.settings, err = deidentificationSettings(ctx, j.Config, key); err != nil {
		return on, err
	}
	on.links, err = transforms.LoadLinks(ctx, j.Config.Deidentification.Links)
	return on, err
}

// archivesOf returns where the files of a cohort lie: the archive, and the labels
// where they lie outside it.
func archivesOf(c configs.Cohort) []transforms.Archive {
	archive := transforms.Archive{Cohort: c.Name, Site: c.People(), URI: c.Archive}
	labels := archive
	labels.URI = c.Labels
	if c.Volumes != nil {
		archive.Images, labels.Labels = c.Volumes.Images, c.Volumes.Labels
		if c.Labels == "" {
			archive.Labels = c.Volumes.Labels
		}
	}
	if c.Labels == "" {
		return []transforms.Archive{archive}
	}
	return []transforms.Archive{archive, labels}
}

// linkNotes says what a link table does, nothing for none. IDs of a site that no
// cohort has are often a site misspelt.
func linkNotes(links *deid.Links, cohorts []configs.Cohort) []string {
	if links == nil {
		return nil
	}
	var sites []string
	for _, c := range cohorts {
		sites = append(sites, c.People())
	}
	ids, persons := links.Len()
	notes := []string{fmt.Sprintf("link table: %d IDs of %d persons", ids, persons)}
	if n := links.Outside(sites); n > 0 {
		notes = append(notes, fmt.Sprintf("%d IDs of the link table are of sites that no cohort of this run has", n))
	}
	return notes
}

func crosswalkNote(c configs.Crosswalk) []string {
	if c.Output == "" {
		return nil
	}
	return []string{fmt.Sprintf("crosswalk → %s, encrypted to %d recipients", c.Output, len(c.Recipients))}
}
