package crosswalk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"ctcohort/io/store"
)

var (
	// ErrNoParts is returned by Read for a place without a crosswalk.
	ErrNoParts = errors.New("no part of a crosswalk (part-….csv.age) lies there")
	// ErrIdentity is returned by Read when parts are for other recipients.
	ErrIdentity = errors.New("not encrypted to this identity; use the identity of a recipient that the run was given")
)

// Read decrypts all parts in a place and returns their distinct rows, sorted by
// cohort, pseudonym, study and series; a row a series is held in memory. One
// part that cannot be read is an error, for what is missing would not be seen.
func Read(ctx context.Context, place store.Store, identities []age.Identity) ([]Row, error) {
	rows := map[Row]struct{}{}
	parts, others := 0, 0
	var damaged []error
	for object, err := range place.List(ctx, partPrefix) {
		if err != nil {
			return nil, fmt.Errorf("listing the crosswalk: %w", err)
		}
		if strings.Contains(object.Name, "/") || !strings.HasSuffix(object.Name, partSuffix) {
			continue
		}
		parts++
		data, err := store.ReadAll(ctx, place, object.Name)
		if err != nil {
			return nil, fmt.Errorf("reading the crosswalk: %w", err)
		}
		switch err := decrypt(data, identities, rows); {
		case errors.Is(err, ErrIdentity):
			others++
		case err != nil:
			damaged = append(damaged, fmt.Errorf("reading the crosswalk: %s: %w", object.Name, err))
		}
	}
	switch {
	case parts == 0:
		return nil, fmt.Errorf("reading the crosswalk: %w", ErrNoParts)
	case len(damaged) > 0:
		return nil, errors.Join(damaged...)
	case others > 0:
		return nil, fmt.Errorf("decrypting the crosswalk: %d of %d parts are %w", others, parts, ErrIdentity)
	}
	return merged(rows), nil
}

var errDamaged = errors.New("the part is cut or altered; restore it, or run anonymise again")

func decrypt(data []byte, identities []age.Identity, rows map[Row]struct{}) error {
	opened, err := age.Decrypt(bytes.NewReader(data), identities...)
	if errors.As(err, new(*age.NoIdentityMatchError)) {
		return ErrIdentity
	}
	if err != nil {
		return errDamaged
	}
	plain, err := io.ReadAll(opened)
	if err != nil {
		return errDamaged
	}
	return parse(plain, rows)
}
