package crosswalk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
)

// ParseIdentities reads an identity file, as NewIdentity and age-keygen make. Its
// errors hold nothing of it.
func ParseIdentities(r io.Reader) ([]age.Identity, error) {
	identities, err := age.ParseIdentities(r)
	if err != nil {
		return nil, errors.New("reading the identity: the file must hold lines AGE-SECRET-KEY-1…, and comments after #; `ctcohort crosswalk --new-identity FILE` makes one")
	}
	return identities, nil
}

// NewIdentity makes an identity in a new file that its owner alone may read, and
// returns its recipient. A file that is there stays: it may be the only key to
// a crosswalk.
func NewIdentity(path string) (recipient string, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("making an identity: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", errors.New("making an identity: the file is there already; name a new one, for what it holds may be needed")
	}
	if err != nil {
		return "", fmt.Errorf("making an identity: %w", err)
	}
	recipient = identity.Recipient().String()
	_, err = fmt.Fprintf(file, "# public key: %s\n%s\n", recipient, identity)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", fmt.Errorf("making an identity: %w", err)
	}
	return recipient, nil
}
