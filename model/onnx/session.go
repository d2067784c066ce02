package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"ctcohort/model"
)

// ErrClosed occurs when a closed session runs.
var ErrClosed = errors.New("the session is closed")

// Session is a model open on one provider: a model.Network. Its weights are in
// memory once, however many runs compute at the same time.
type Session struct {
	spec     model.Spec
	sha256   string
	provider string
	reason   string
	turns    chan struct{} // one for each run that may compute
	open     sync.RWMutex  // read by runs, so that Close waits for them
	session  *ort.DynamicAdvancedSession
}

// Open opens the bytes of an ONNX model. A file that is no model, other inputs
// or outputs than package model's, missing metadata and a provider that is not
// to be had each are an error that says so.
func Open(onnxModel []byte, o Options) (*Session, error) {
	s, err := open(onnxModel, o)
	if err != nil {
		return nil, fmt.Errorf("opening the model: %w", err)
	}
	return s, nil
}

func open(onnxModel []byte, o Options) (*Session, error) {
	if err := errors.Join(CheckProvider(o.Provider), o.validate()); err != nil {
		return nil, err
	}
	library := o.Library
	if library == "" {
		var err error
		if library, err = FindLibrary(""); err != nil {
			return nil, err
		}
	}
	if err := load(library); err != nil {
		return nil, err
	}
	if len(onnxModel) == 0 {
		return nil, errors.New("the file is empty")
	}
	classes, err := checkTensors(onnxModel)
	if err != nil {
		return nil, err
	}
	s, err := onProvider(onnxModel, o)
	if err != nil {
		return nil, err
	}
	if err := s.readSpec(classes); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	sum := sha256.Sum256(onnxModel)
	s.sha256 = hex.EncodeToString(sum[:])
	return s, nil
}

// onProvider opens a session on the provider that o names, or on the first of
// autoOrder that works.
func onProvider(onnxModel []byte, o Options) (*Session, error) {
	if o.Provider != "" && o.Provider != Auto {
		s, err := newSession(onnxModel, o.Provider, o)
		if err != nil {
			return nil, err
		}
		s.reason = "as asked"
		return s, nil
	}
	var passed []string
	for _, p := range autoOrder {
		s, err := newSession(onnxModel, p, o)
		if err == nil {
			s.reason = strings.Join(append([]string{"chosen by auto"}, passed...), "; ")
			return s, nil
		}
		if !errors.Is(err, ErrProvider) {
			return nil, err
		}
		passed = append(passed, "no "+p)
	}
	return nil, ErrProvider
}

func newSession(onnxModel []byte, provider string, o Options) (*Session, error) {
	o = o.settled(provider)
	so, err := sessionOptions(provider, o)
	if err != nil {
		return nil, err
	}
	defer so.Destroy()
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(onnxModel, []string{inputName}, []string{outputName}, so)
	switch {
	case err != nil && provider == CPU:
		return nil, unreadable(err)
	case err != nil:
		return nil, unavailable(provider, err)
	}
	return &Session{provider: provider, session: session, turns: make(chan struct{}, o.Runs)}, nil
}

// unreadable reports a model that the runtime does not take.
func unreadable(err error) error {
	return fmt.Errorf("this is no ONNX model that the runtime can read (%s). Is the file whole, and was it written by train/export.py?", oneLine(err))
}

// readSpec reads the metadata through the session.
func (s *Session) readSpec(classes int) error {
	m, err := s.session.GetModelMetadata()
	if err != nil {
		return fmt.Errorf("reading the model's metadata: %w", err)
	}
	defer m.Destroy()
	keys, err := m.GetCustomMetadataMapKeys()
	if err != nil {
		return fmt.Errorf("reading the model's metadata: %w", err)
	}
	metadata := make(map[string]string, len(keys))
	for _, k := range keys {
		if metadata[k], _, err = m.LookupCustomMetadataMap(k); err != nil {
			return fmt.Errorf("reading the model's metadata: %w", err)
		}
	}
	if s.spec, err = model.ParseSpec(metadata); err != nil {
		return err
	}
	if n := len(s.spec.Classes); classes != 0 && classes != n {
		return fmt.Errorf("the model's output has %d classes and its metadata name %d (%s)", classes, n, strings.Join(s.spec.Classes, ", "))
	}
	return nil
}

// Spec returns what the model's metadata say.
func (s *Session) Spec() model.Spec { return s.spec }

// Provider returns the execution provider in use: cpu, cuda, tensorrt or openvino.
func (s *Session) Provider() string { return s.provider }

// Reason returns why Provider was taken: "as asked", or what auto passed over.
func (s *Session) Reason() string { return s.reason }

// SHA256 returns the model's digest in hex.
func (s *Session) SHA256() string { return s.sha256 }

// Runs returns how many calls of Run compute at once.
func (s *Session) Runs() int { return cap(s.turns) }

// Run implements model.Network. Up to Runs calls compute at the same time;
// others wait for their turn.
func (s *Session) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	voxels := batch * size[0] * size[1] * size[2]
	if len(hu) != voxels {
		panic(fmt.Sprintf("onnx: %d voxels for %d windows of %v", len(hu), batch, size))
	}
	s.turns <- struct{}{}
	defer func() { <-s.turns }()
	s.open.RLock()
	defer s.open.RUnlock()
	if s.session == nil {
		return nil, fmt.Errorf("running the network: %w", ErrClosed)
	}
	shape := func(channels int) ort.Shape {
		return ort.NewShape(int64(batch), int64(channels), int64(size[2]), int64(size[1]), int64(size[0]))
	}
	in, err := ort.NewTensor(shape(1), hu)
	if err != nil {
		return nil, fmt.Errorf("running the network: %w", err)
	}
	defer in.Destroy()
	probabilities := make([]float32, voxels*len(s.spec.Classes))
	out, err := ort.NewTensor(shape(len(s.spec.Classes)), probabilities)
	if err != nil {
		return nil, fmt.Errorf("running the network: %w", err)
	}
	defer out.Destroy()
	if err := s.session.Run([]ort.Value{in}, []ort.Value{out}); err != nil {
		return nil, fmt.Errorf("running the network on %d windows of %d×%d×%d voxels: %s", batch, size[0], size[1], size[2], oneLine(err))
	}
	return probabilities, nil
}

// Close waits for the runs in progress and frees the model. Closing twice does
// nothing.
func (s *Session) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.session == nil {
		return nil
	}
	err := s.session.Destroy()
	s.session = nil
	return err
}
