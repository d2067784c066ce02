package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"google.golang.org/api/googleapi"
)

// A flaky server stands before the fake one and spoils some requests.
type flaky struct {
	handler  http.Handler
	requests atomic.Int64
	spoil    func(n int64, r *http.Request) fault
}

type fault int

const (
	none       fault = iota
	refuse           // 503 before the request is looked at
	loseAnswer       // the request is carried out, the client gets 503
	cutBody          // half of the answer's body, then the connection ends
	lie              // one byte of the body is another
)

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch what := f.spoil(f.requests.Add(1), r); what {
	case none:
		f.handler.ServeHTTP(w, r)
	case refuse:
		http.Error(w, "busy with Müller^Hans", http.StatusServiceUnavailable)
	default:
		answer := httptest.NewRecorder()
		f.handler.ServeHTTP(answer, r)
		body := bytes.Clone(answer.Body.Bytes())
		if what == loseAnswer {
			http.Error(w, "lost", http.StatusServiceUnavailable)
			return
		}
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(answer.Code)
		if what == lie {
			body[len(body)/2] ^= 1
			w.Write(body)
			return
		}
		w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
}

func serveFlaky(t *testing.T, spoil func(int64, *http.Request) fault) *flaky {
	t.Helper()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true})
	if err != nil {
		t.Fatal(err)
	}
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "bucket"})
	f := &flaky{handler: server.HTTPHandler(), spoil: spoil}
	front := httptest.NewServer(f)
	t.Cleanup(front.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", front.URL)
	return f
}

func isUpload(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/upload/") }
func isMedia(r *http.Request) bool  { return r.URL.Query().Get("alt") == "media" }

func TestFlakyBucketGivesTheSameBytes(t *testing.T) {
	f := serveFlaky(t, func(n int64, r *http.Request) fault {
		switch {
		case n%5 == 0:
			return refuse
		case n%7 == 0 && isUpload(r):
			return loseAnswer
		case n%3 == 0 && isMedia(r):
			return cutBody
		}
		return none
	})
	s := open(t, "gs://bucket/root")
	for i := range 12 {
		name, data := fmt.Sprintf("o/%02d", i), bytes.Repeat([]byte{byte(i)}, 100_000+i)
		if err := WriteAll(t.Context(), s, name, data); err != nil {
			t.Errorf("WriteAll(%s) = %v", name, err)
		}
		got, err := ReadAll(t.Context(), s, name)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("ReadAll(%s) = %d bytes, %v; want the %d written", name, len(got), err, len(data))
		}
	}
	if got := names(t, s, "o/"); len(got) != 12 {
		t.Errorf("%d objects of 12", len(got))
	}
	if err := s.Remove(t.Context(), "o/00"); err != nil {
		t.Errorf("Remove = %v", err)
	}
	if n := f.requests.Load(); n < 40 {
		t.Errorf("%d requests only: nothing was spoilt", n)
	}
}

func TestALostAnswerIsNoConflict(t *testing.T) {
	var uploads atomic.Int64
	serveFlaky(t, func(n int64, r *http.Request) fault {
		if isUpload(r) && uploads.Add(1) == 1 {
			return loseAnswer
		}
		return none
	})
	s := open(t, "gs://bucket")
	if err := WriteAll(t.Context(), s, "object", []byte("text")); err != nil {
		t.Errorf("WriteAll = %v; want nil, for the object is there with these bytes", err)
	}
	if got, err := ReadAll(t.Context(), s, "object"); string(got) != "text" || err != nil {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
}

func TestChecksumsAreChecked(t *testing.T) {
	serveFlaky(t, func(n int64, r *http.Request) fault {
		if isMedia(r) {
			return lie
		}
		return none
	})
	s := open(t, "gs://bucket")
	if err := WriteAll(t.Context(), s, "object", []byte("a text that will change")); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadAll(t.Context(), s, "object"); err == nil {
		t.Errorf("ReadAll = %q although a byte changed on the way", got)
	}
	w, err := s.Create(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "text")
	w.(*bucketWriter).crc = crc32.NewIEEE() // as if the bytes changed on the way up
	if err := w.Commit(); err == nil {
		t.Error("Commit of bytes that do not fit their checksum succeeds")
	}
	if got := names(t, s, "other"); got != nil {
		t.Errorf("the spoilt object is there: %v", got)
	}
}

func TestARefusingBucketIsAnError(t *testing.T) {
	serveFlaky(t, func(n int64, r *http.Request) fault { return refuse })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	s := open(t, "gs://bucket")
	err := WriteAll(ctx, s, "Müller^Hans", []byte("x"))
	if err == nil || strings.Contains(err.Error(), "Hans") {
		t.Errorf("WriteAll = %v; want an error without the object's name", err)
	}
}

// Objects beyond the memory limit go through a temporary file and several requests.
func TestLargeObject(t *testing.T) {
	serve(t)
	s := open(t, "gs://bucket")
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i * i >> 3)
	}
	for round := range 2 {
		w, err := s.Create(t.Context(), "large")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 35 {
			block[0] = byte(i + round)
			if _, err := w.Write(block); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Commit(); err != nil {
			t.Fatalf("Commit = %v", err)
		}
		got, err := ReadAll(t.Context(), s, "large")
		if err != nil || len(got) != 35<<20 {
			t.Fatalf("ReadAll = %d bytes, %v", len(got), err)
		}
		for i := range 35 {
			block[0] = byte(i + round)
			if !bytes.Equal(got[i<<20:(i+1)<<20], block) {
				t.Fatalf("round %d: block %d differs", round, i)
			}
		}
	}
}

func TestScrubKeepsTheKind(t *testing.T) {
	status := &googleapi.Error{Code: 403, Message: "no access to bucket/Müller", Errors: []googleapi.ErrorItem{{Reason: "forbidden"}}}
	err := scrub(fmt.Errorf("wrapped: %w", status))
	if !errors.Is(err, fs.ErrPermission) || err.Error() != "the bucket answered Forbidden (forbidden)" {
		t.Errorf("scrub(403) = %v", err)
	}
}
