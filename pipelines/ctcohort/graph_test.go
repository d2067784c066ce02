package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"flag"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"ctcohort/configs"
	"ctcohort/model/onnx"
	"ctcohort/test/phantom"
)

// secretsIn returns what of the key and of the environment stands in data.
func secretsIn(data []byte) []string { return holds(data, []string{goodKey, "ROENTGEN"}) }

var base64Text = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}={0,2}`)

// holds returns the needles that stand in data, or in what is packed in it as
// base64 or gzip, at any depth.
func holds(data []byte, needles []string) (found []string) {
	for _, n := range needles {
		if bytes.Contains(data, []byte(n)) {
			found = append(found, n)
		}
	}
	for at := bytes.Index(data, []byte{0x1f, 0x8b, 8}); at >= 0; {
		if r, err := gzip.NewReader(bytes.NewReader(data[at:])); err == nil {
			plain, _ := io.ReadAll(r) // what can be read of it
			found = append(found, holds(plain, needles)...)
		}
		next := bytes.Index(data[at+1:], []byte{0x1f, 0x8b, 8})
		if next < 0 {
			break
		}
		at += 1 + next
	}
	for _, text := range base64Text.FindAll(data, -1) {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			trimmed := bytes.TrimRight(text, "=")
			if plain, err := encoding.AppendDecode(nil, trimmed[:len(trimmed)/4*4]); err == nil {
				found = append(found, holds(plain, needles)...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestHolds(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, "name "+base64.StdEncoding.EncodeToString([]byte("a ROENTGEN inside")))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"plain": []byte("ROENTGEN"), "base64": []byte(`{"x":"` + base64.StdEncoding.EncodeToString([]byte("Dr. ROENTGEN")) + `"}`),
		"base64 in gzip": append([]byte("before"), packed.Bytes()...), "all in base64": []byte(base64.URLEncoding.EncodeToString(packed.Bytes())),
	} {
		if found := holds(data, []string{"ROENTGEN"}); len(found) != 1 {
			t.Errorf("%s: found %q", name, found)
		}
	}
	if found := holds([]byte("nothing of that name"), []string{"ROENTGEN"}); len(found) > 0 {
		t.Errorf("found %q in what holds none", found)
	}
}

// A jobServer takes the job that is sent to it and refuses to run it.
type jobServer struct {
	jobpb.UnimplementedJobServiceServer
	mu   sync.Mutex
	jobs [][]byte
}

func (s *jobServer) Prepare(_ context.Context, r *jobpb.PrepareJobRequest) (*jobpb.PrepareJobResponse, error) {
	data, err := proto.Marshal(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, data)
	return nil, status.Error(codes.Unavailable, "this server runs nothing")
}

// What is sent to a runner for a cohort that is there, with its key read: the
// graph and the options hold neither key nor identity.
func TestGraphsHoldNoSecretAndNoIdentity(t *testing.T) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := new(jobServer)
	server := grpc.NewServer()
	jobpb.RegisterJobServiceServer(server, taken)
	go func() { _ = server.Serve(listener) }() // until Stop
	t.Cleanup(server.Stop)

	folder := t.TempDir()
	archive, out := filepath.Join(folder, "archive"), filepath.Join(folder, "out")
	planted, err := phantom.Generate(t.Context(), phantom.Options{Out: archive, Patients: 2, Seed: 5, Size: 32, MaxSlices: 8, Cohort: phantom.China})
	if err != nil {
		t.Fatal(err)
	}
	needles := []string{goodKey}
	for _, p := range planted.Patients {
		for _, id := range p.Identifiers {
			if id.Searchable && len(id.Text) >= 6 {
				needles = append(needles, id.Text)
			}
		}
	}
	model := "../../train/models/covid_segnet_w8_demo.onnx"
	config := write(t, "run.yaml", "output: "+out+"\ndeidentification: {key: 'file:"+write(t, "key", goodKey, 0o600)+"'}\ncohorts: [{name: china, archive: "+archive+
		"}]\nvolume: {spacing_mm: [3, 3, 3]}\nsplit: {train: 1, test: 1}\ntile: {size_voxels: [16, 16, 8], patches: 1}\ninference: {models: ["+model+"], provider: cpu}\n", 0o600)
	stages := configs.RunnerStages
	if _, err := onnx.FindLibrary("", onnx.CPU); err != nil {
		t.Logf("SKIPPED, for want of ONNX Runtime: the graph of infer (%v)", err)
		stages = stages[:len(stages)-1]
	}
	for _, stage := range stages {
		_, _, stderr := process(t, nil, stage, "--config", config, "--runner=universal", "--endpoint="+listener.Addr().String(), "--environment_type=LOOPBACK")
		if !strings.Contains(string(stderr), "this server runs nothing") {
			t.Fatalf("%s on a server that runs nothing: %s", stage, stderr)
		}
		if stage == stages[len(stages)-1] {
			break
		}
		if status, _, stderr := process(t, nil, stage, "--config", config); status != exitDone && status != exitRejects {
			t.Fatalf("%s: exit status %d: %s", stage, status, stderr)
		}
	}
	if len(needles) < 50 || len(taken.jobs) != len(stages) {
		t.Fatalf("%d identifiers looked for in %d graphs; want 50 or more in %d", len(needles), len(taken.jobs), len(stages))
	}
	for i, job := range taken.jobs {
		if found := holds(job, needles); len(found) > 0 {
			t.Errorf("the graph of %s holds %q", stages[i], found)
		}
		if found := holds(job, []string{out}); len(found) == 0 {
			t.Errorf("the graph of %s does not even hold the output root: the search cannot see into it", stages[i])
		}
	}
}

// sharedWithBeam are the parameters of the flex template that are flags of
// Beam's runners too, which would hide them.
func sharedWithBeam() map[string]bool {
	shared := map[string]bool{}
	for _, key := range configs.Keys() {
		if flag.Lookup(key.Parameter()) != nil {
			shared[key.Parameter()] = true
		}
	}
	return shared
}
