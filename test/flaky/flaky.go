// Package flaky is a Cloud Storage for tests that fails now and then: the
// emulator of fake-gcs-server, in process, behind a proxy that spoils requests.
package flaky

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

// A Fault is what happens to a request.
type Fault int

const (
	None       Fault = iota
	Refuse           // 503 before the request is looked at
	LoseAnswer       // the request is carried out, the client gets 503
	CutBody          // half of the answer's body, then the connection ends
	Lie              // one byte of the body is another
	Slow             // the answer comes late
)

// A Server stands before the emulator. Bucket "bucket" is there.
type Server struct {
	handler  http.Handler
	spoil    func(n int64, r *http.Request) Fault
	requests atomic.Int64
	faults   atomic.Int64
}

// Serve starts a server to which STORAGE_EMULATOR_HOST then points. spoil says
// what happens to the n-th request; it may be called at once from many goroutines.
func Serve(t *testing.T, spoil func(n int64, r *http.Request) Fault) *Server {
	t.Helper()
	emulator, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true})
	if err != nil {
		t.Fatal(err)
	}
	emulator.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "bucket"})
	s := &Server{handler: emulator.HTTPHandler(), spoil: spoil}
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", front.URL)
	return s
}

// Requests are how many came, and how many of them were spoilt.
func (s *Server) Requests() (all, spoilt int64) { return s.requests.Load(), s.faults.Load() }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.spoil(s.requests.Add(1), r)
	if fault != None {
		s.faults.Add(1)
	}
	switch fault {
	case None:
		s.handler.ServeHTTP(w, r)
	case Slow:
		time.Sleep(300 * time.Millisecond)
		s.handler.ServeHTTP(w, r)
	case Refuse:
		http.Error(w, "busy with Müller^Hans", http.StatusServiceUnavailable)
	default:
		s.answer(w, r, fault)
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, fault Fault) {
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	body := bytes.Clone(answer.Body.Bytes())
	if fault == LoseAnswer {
		http.Error(w, "lost", http.StatusServiceUnavailable)
		return
	}
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(answer.Code)
	if fault == Lie {
		body[len(body)/2] ^= 1
		w.Write(body)
		return
	}
	w.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler)
}

// IsMedia tells the requests for an object's bytes.
func IsMedia(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Query().Get("alt") == "media"
}

// IsUpload tells the requests that write an object.
func IsUpload(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/upload/") && r.Method != http.MethodGet
}
