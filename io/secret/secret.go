package secret

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"regexp"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/secretmanager/v1"
)

// version is the name of one version. "latest" is none: with it, a new version
// would change what derives from the secret and nobody would see why.
var version = regexp.MustCompile(`^projects/[a-z0-9:.-]+/secrets/[A-Za-z0-9_-]+/versions/[0-9]+$`)

// ErrName is returned for a name that is not projects/P/secrets/S/versions/N.
var ErrName = errors.New("the name of a secret is projects/P/secrets/S/versions/N, N a number")

// Access returns the secret with the given name, as the machine's own
// credentials may; options say other credentials or another endpoint. No error
// holds any of it.
func Access(ctx context.Context, name string, options ...option.ClientOption) ([]byte, error) {
	if !version.MatchString(name) {
		return nil, ErrName
	}
	service, err := secretmanager.NewService(ctx, options...)
	if err != nil {
		return nil, errors.New("asking Secret Manager: no credentials; run `gcloud auth application-default login`, or give the machine a service account")
	}
	answer, err := service.Projects.Secrets.Versions.Access(name).Context(ctx).Do()
	var refused *googleapi.Error
	switch {
	case errors.As(err, &refused):
		return nil, fmt.Errorf("asking Secret Manager for %s: answer %d %s: check the name, that the version is enabled, and the role Secret Manager Secret Accessor", name, refused.Code, http.StatusText(refused.Code))
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, errors.New("asking Secret Manager: no answer that can be read; check the network and the credentials")
	case answer.Payload == nil:
		return nil, errors.New("asking Secret Manager: the answer is without a secret")
	}
	data, err := base64.StdEncoding.DecodeString(answer.Payload.Data)
	if err != nil || int64(crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))) != answer.Payload.DataCrc32c {
		return nil, errors.New("asking Secret Manager: the answer came damaged; try again")
	}
	return data, nil
}
