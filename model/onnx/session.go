package onnx

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"ctcohort/model"
)

// ErrClosed occurs when a closed session runs.
var ErrClosed = errors.New("the session is closed")

// Session is a model open on one provider: a model.Network. Its weights are in
// memory once, however many runs compute at the same time.
type Session struct {
	spec      model.Spec
	sha256    string
	placement placement
	reason    string
	turns     *turns
	open      sync.RWMutex // read by runs, so that Close waits for them
	session   *ort.DynamicAdvancedSession
	computing atomic.Int64 // nanoseconds in the runtime, of all runs together
}

// Open opens the bytes of an ONNX model. A file that is no model, other inputs
// or outputs than package model's, missing metadata and a provider that is not
// to be had each are an error that says so.
func Open(onnxModel []byte, o Options) (s *Session, err error) {
	onThread(func() { s, err = open(onnxModel, o) })
	if err != nil {
		return nil, fmt.Errorf("opening the model: %w", err)
	}
	return s, nil
}

func open(onnxModel []byte, o Options) (*Session, error) {
	if err := errors.Join(CheckProvider(o.Provider), o.validate()); err != nil {
		return nil, err
	}
	library, err := FindLibrary(o.Library, o.Provider)
	if err != nil {
		return nil, err
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
	spec, err := readSpec(onnxModel, classes)
	if err != nil {
		return nil, err
	}
	s, err := onProvider(onnxModel, spec, o)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(onnxModel)
	s.sha256 = hex.EncodeToString(sum[:])
	return s, nil
}

// readSpec reads the metadata, which must name so many classes, unless it is 0.
func readSpec(onnxModel []byte, classes int) (model.Spec, error) {
	spec, err := model.ReadSpec(bytes.NewReader(onnxModel))
	if err != nil {
		return model.Spec{}, err
	}
	if n := len(spec.Classes); classes != 0 && classes != n {
		return model.Spec{}, fmt.Errorf("the model's output has %d classes and its metadata name %d (%s)", classes, n, strings.Join(spec.Classes, ", "))
	}
	return spec, nil
}

// onProvider opens a session on the provider that o names, or on the first of
// autoOrder that works.
func onProvider(onnxModel []byte, spec model.Spec, o Options) (*Session, error) {
	if o.Provider != "" && o.Provider != Auto {
		s, err := newSession(onnxModel, spec, o.Provider, o)
		if err == nil {
			s.reason = "as asked, " + s.placement.note
		}
		return s, err
	}
	reason := "chosen by auto"
	for _, p := range autoOrder {
		s, err := newSession(onnxModel, spec, p, o)
		if err == nil {
			s.reason = reason + ", " + s.placement.note
			return s, nil
		}
		passed, ok := errors.AsType[unavailable](err)
		if !ok {
			return nil, err
		}
		reason += fmt.Sprintf("; no %s (%s)", p, passed.cause)
	}
	return nil, ErrProvider
}

func newSession(onnxModel []byte, spec model.Spec, provider string, o Options) (*Session, error) {
	p, err := place(provider, spec, o)
	if err != nil {
		return nil, err
	}
	so, err := sessionOptions(p, spec.PatchSize)
	if err != nil {
		return nil, err
	}
	defer so.Destroy()
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(onnxModel, []string{inputName}, []string{outputName}, so)
	switch {
	case err != nil && provider == CPU:
		return nil, unreadable(err)
	case err != nil:
		return nil, unavailable{provider, oneLine(err)}
	}
	return &Session{spec: spec, placement: p, session: session, turns: newTurns(p.runs)}, nil
}

// unreadable reports a model that the runtime does not take.
func unreadable(err error) error {
	return fmt.Errorf("this is no ONNX model that the runtime can read (%s). Is the file whole, and was it written by train/export.py?", oneLine(err))
}

// Spec returns what the model's metadata say.
func (s *Session) Spec() model.Spec { return s.spec }

// Provider returns the execution provider in use: cpu, cuda, tensorrt or openvino.
func (s *Session) Provider() string { return s.placement.provider }

// Reason returns why Provider was taken, "as asked" or what auto passed over and
// why, and how the model runs there.
func (s *Session) Reason() string { return s.reason }

// SHA256 returns the model's digest in hex.
func (s *Session) SHA256() string { return s.sha256 }

// Runs returns how many calls of Run compute at once.
func (s *Session) Runs() int { return s.turns.n }

// Batch returns how many windows a call should hold.
func (s *Session) Batch() int { return s.placement.batch }

// Seconds returns how long the runtime has computed, summed over runs at the
// same time, without what waited for a turn.
func (s *Session) Seconds() float64 { return time.Duration(s.computing.Load()).Seconds() }

// ShareTurns lets both sessions together compute no more runs at once than each
// alone may, if that is the same number on one device. It must come before
// the first run.
func (s *Session) ShareTurns(other *Session) {
	onGPU := func(s *Session) bool { return s.placement.provider == CUDA || s.placement.provider == TensorRT }
	if s.turns.n == other.turns.n && onGPU(s) == onGPU(other) && s.placement.device == other.placement.device {
		s.turns = other.turns
	}
}

// Ordered returns the session as the network of one volume: of runs that wait
// for a turn those of the lowest order come first.
func (s *Session) Ordered(order int) model.Network { return ordered{s, order} }

type ordered struct {
	*Session
	order int
}

func (o ordered) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	return o.run(hu, batch, size, o.order)
}

// Run implements model.Network. Up to Runs calls compute at the same time;
// others wait for their turn.
func (s *Session) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	return s.run(hu, batch, size, 0)
}

func (s *Session) run(hu []float32, batch int, size [3]int, order int) ([]float32, error) {
	voxels := batch * size[0] * size[1] * size[2]
	if len(hu) != voxels {
		panic(fmt.Sprintf("onnx: %d voxels for %d windows of %v", len(hu), batch, size))
	}
	s.turns.take(order)
	defer s.turns.give()
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
	start := time.Now()
	err = s.session.Run([]ort.Value{in}, []ort.Value{out})
	s.computing.Add(int64(time.Since(start)))
	if err != nil {
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
	var err error
	onThread(func() { err = s.session.Destroy() })
	s.session = nil
	return err
}
