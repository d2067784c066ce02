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
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	"ctcohort/test/flaky"
)

func TestFlakyBucketGivesTheSameBytes(t *testing.T) {
	f := flaky.Serve(t, func(n int64, r *http.Request) flaky.Fault {
		switch {
		case n%5 == 0:
			return flaky.Refuse
		case n%7 == 0 && flaky.IsUpload(r):
			return flaky.LoseAnswer
		case n%3 == 0 && flaky.IsMedia(r):
			return flaky.CutBody
		}
		return flaky.None
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
	if n, spoilt := f.Requests(); n < 40 || spoilt < 10 {
		t.Errorf("%d requests only, %d of them spoilt", n, spoilt)
	}
}

func TestALostAnswerIsNoConflict(t *testing.T) {
	var uploads atomic.Int64
	flaky.Serve(t, func(n int64, r *http.Request) flaky.Fault {
		if flaky.IsUpload(r) && uploads.Add(1) == 1 {
			return flaky.LoseAnswer
		}
		return flaky.None
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
	flaky.Serve(t, func(n int64, r *http.Request) flaky.Fault {
		if flaky.IsMedia(r) {
			return flaky.Lie
		}
		return flaky.None
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
	flaky.Serve(t, func(n int64, r *http.Request) flaky.Fault { return flaky.Refuse })
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
