package pipelines

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/transforms/deid"
)

// archiveDigests returns, by cohort, a digest of the names, sizes and versions of
// all files of its archives. Names are identities, so the digest is keyed. An
// archive without a file is an error: its path is wrong.
func archiveDigests(ctx context.Context, j Job, key []byte) (map[string]string, error) {
	if err := checkArchives(ctx, j); err != nil {
		return nil, err
	}
	digests := map[string]string{}
	under := deid.Derive(key, "archive")
	for _, c := range j.Config.Cohorts {
		mac := hmac.New(sha256.New, under[:])
		for i, a := range archivesOf(c) {
			files, err := store.Open(ctx, a.URI)
			if err != nil {
				return nil, err
			}
			for object, err := range files.List(ctx, "") {
				if err != nil {
					return nil, fmt.Errorf("listing the archive of cohort %s: %w", c.Name, err)
				}
				fmt.Fprintf(mac, "%d %q %d %s\n", i, object.Name, object.Size, object.Version)
			}
		}
		digests["the archive of "+c.Name] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return digests, nil
}

// deidentificationSettings are what de-identified files depend on. What says who
// somebody is, or where secrets lie, stands in them as a keyed digest.
func deidentificationSettings(ctx context.Context, cfg configs.Config, key []byte) (map[string]any, error) {
	digest := func(label string, parts ...string) string {
		sum := deid.Derive(key, label, parts...)
		return hex.EncodeToString(sum[:16])
	}
	d := cfg.Deidentification
	links := ""
	if d.Links != "" {
		text, err := store.ReadURI(ctx, d.Links)
		if err != nil {
			return nil, fmt.Errorf("reading the link table: %w", err)
		}
		links = digest("links", string(text))
	}
	crosswalk := ""
	if d.Crosswalk.Output != "" {
		crosswalk = digest("crosswalk", append([]string{d.Crosswalk.Output}, d.Crosswalk.Recipients...)...)
	}
	d.Key, d.Links, d.Crosswalk = digest("fingerprint"), links, configs.Crosswalk{Output: crosswalk}
	all := map[string]any{"deidentification": d}
	for _, c := range cfg.Cohorts {
		of := map[string]any{"site": c.People(), "labels": cfg.LabelsOf(c.Name)} // the archive itself may move
		if c.Volumes != nil {
			of["volumes"] = digest("volumes", c.Volumes.Images, c.Volumes.Labels)
		}
		all["cohorts."+c.Name] = of
	}
	return all, nil
}

// ownFiles are the folders of files that a stage writes.
func ownFiles(cohortAt int, names ...string) []dataFolder {
	var folders []dataFolder
	for _, name := range names {
		folders = append(folders, dataFolder{name, cohortAt})
	}
	return folders
}
