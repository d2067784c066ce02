package secret

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/api/option"
)

const name = "projects/hospital-1/secrets/pseudonym-key/versions/3"

// answer is Secret Manager's, as its REST reference describes it.
func answer(data string, crc uint32) string {
	return fmt.Sprintf(`{"name": %q, "payload": {"data": %q, "dataCrc32c": "%d"}}`, name, base64.StdEncoding.EncodeToString([]byte(data)), crc)
}

func TestAccess(t *testing.T) {
	const key = "0123456789abcdef\x00\xff"
	crc := crc32.Checksum([]byte(key), crc32.MakeTable(crc32.Castagnoli))
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string // in the error
	}{
		{"a secret", http.StatusOK, answer(key, crc), ""},
		{"a wrong checksum", http.StatusOK, answer(key, crc+1), "damaged"},
		{"no payload", http.StatusOK, `{}`, "without a secret"},
		{"no JSON", http.StatusOK, key, "no answer that can be read"},
		{"not allowed", http.StatusForbidden, `{"error": {"code": 403, "message": "` + "0123456789abcdef" + `"}}`, name + ": answer 403 Forbidden"},
		{"not there", http.StatusNotFound, ``, "404 Not Found"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if want := "/v1/" + name + ":access"; r.URL.Path != want {
				t.Errorf("%s: asked for %s, want %s", c.name, r.URL.Path, want)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		got, err := Access(t.Context(), name, option.WithEndpoint(server.URL), option.WithoutAuthentication())
		server.Close()
		switch {
		case c.want == "" && (err != nil || string(got) != key):
			t.Errorf("%s: Access() = %d bytes, %v; want the key", c.name, len(got), err)
		case c.want != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: Access() = %v, want an error with %q", c.name, err, c.want)
		case err != nil && strings.Contains(err.Error(), key[:16]):
			t.Errorf("%s: the error holds the secret: %v", c.name, err)
		}
	}
}

func TestAccessNames(t *testing.T) {
	for _, bad := range []string{"", "key", "projects/p/secrets/s", "projects/p/secrets/s/versions/latest", "projects/p/secrets/s/versions/1/", "projects/../secrets/s/versions/1?x"} {
		if _, err := Access(t.Context(), bad, option.WithoutAuthentication()); !errors.Is(err, ErrName) {
			t.Errorf("Access(%q) = %v, want %v", bad, err, ErrName)
		}
	}
}

func TestAccessIsInterrupted(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Access(stopped, name, option.WithEndpoint("http://127.0.0.1:1"), option.WithoutAuthentication()); !errors.Is(err, context.Canceled) {
		t.Errorf("Access() = %v, want %v", err, context.Canceled)
	}
}
