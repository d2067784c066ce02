package main

import (
	"errors"
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"ctcohort/io/store"
	"ctcohort/transforms/crosswalk"
)

func crosswalkCommand() *cobra.Command {
	var in, identity, out, fresh string
	c := &cobra.Command{
		Use:   "crosswalk --in URI --identity-file FILE [--out FILE] | --new-identity FILE",
		Short: "Decrypt the crosswalk, or make an identity for it",
		Long: `Decrypts the crosswalk that anonymise wrote for the owner of the data: one CSV
of cohort, pseudonym, new study and series UID, date offset in days, site, and
the original issuer, patient ID, study and series UID, a row a series, sorted.
It is identity: keep it where the originals are kept.

With --new-identity it makes an age identity instead, prints its recipient
(age1…), for --crosswalk-recipient, and reads nothing. The file is the only key
to what is encrypted to that recipient.

Reads the parts under --in. Writes --out, readable by its owner alone, or
stdout. The age tool decrypts single parts as well: age -d -i FILE part-….csv.age
` + exitStatuses,
		Example: "  ctcohort crosswalk --new-identity owner.key\n" +
			"  ctcohort anonymise --in archive --out out --key-file key --crosswalk crosswalk --crosswalk-recipient age1…\n" +
			"  ctcohort crosswalk --in crosswalk --identity-file owner.key --out crosswalk.csv",
	}
	c.Flags().StringVar(&in, "in", "", "`URI` of the folder that --crosswalk of anonymise named")
	c.Flags().StringVar(&identity, "identity-file", "", "`file` with an age identity, readable by its owner alone")
	c.Flags().StringVar(&out, "out", "", "`file` to write, readable by its owner alone (default: stdout)")
	c.Flags().StringVar(&fresh, "new-identity", "", "`file` to make, with a new identity")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case fresh != "" && (in != "" || identity != "" || out != ""):
			return usageError{errors.New("--new-identity stands alone: make the identity first, then read a crosswalk with it")}
		case fresh != "":
			return newIdentity(cmd, fresh)
		case in == "":
			return usageError{errors.New("--in is missing: the folder that --crosswalk of anonymise named (or --new-identity, to make an identity)")}
		case identity == "":
			return usageError{errors.New("--identity-file is missing: the file that --new-identity or age-keygen made")}
		}
		return readCrosswalk(cmd, in, identity, out)
	}
	return c
}

func newIdentity(cmd *cobra.Command, file string) error {
	recipient, err := crosswalk.NewIdentity(file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), recipient)
	return err
}

func readCrosswalk(cmd *cobra.Command, in, identity, out string) error {
	ctx := cmd.Context()
	file, err := store.OpenPrivate(ctx, identity)
	if err != nil {
		return fmt.Errorf("reading the identity: %w", err)
	}
	defer file.Close()
	identities, err := crosswalk.ParseIdentities(file)
	if err != nil {
		return err
	}
	place, err := store.Open(ctx, in)
	if err != nil {
		return err
	}
	rows, err := crosswalk.Read(ctx, place, identities)
	if err != nil {
		return err
	}
	if out == "" {
		return crosswalk.WriteCSV(cmd.OutOrStdout(), rows)
	}
	dir, name := path.Split(out)
	if dir == "" {
		dir = "."
	}
	folder, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	w, err := folder.Create(ctx, name)
	if err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	defer w.Abort()
	if err := crosswalk.WriteCSV(w, rows); err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d rows in --out\n", len(rows))
	return nil
}
