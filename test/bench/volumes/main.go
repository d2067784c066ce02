// Command volumes is this project's side of the benchmarks in test/bench that
// time work on volumes beside Python libraries. It takes one command a line and
// answers each with the seconds that the work took:
//
//	load FILE NX NY NZ SX SY SZ    int16 voxels, x fastest, and their spacing in mm
//	resample HOW WORKERS SX SY SZ  of what was loaded, to a spacing in mm
//	series FOLDER                  of DICOM files into a volume of HU
//	save FILE                      what the last of these made, as int16 voxels, and its grid as FILE.json
//	labels FILE FILE NX NY NZ SX SY SZ  two label maps, prediction and reference, uint8
//	measure WORKERS                all measures of the two, with an image of 0 HU
//	rows FILE                      what that gave, as JSON
//	open MODEL PROVIDER THREADS RUNS  an ONNX model; 0 is what is chosen
//	predict HOW OVERLAP            labels of what was loaded: all, plain, skip or box
//	mask FILE                      what that made, and its figures as FILE.json
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"ctcohort/model/onnx"
	"ctcohort/model/volume"
	"ctcohort/transforms/metrics"
)

func main() {
	var s session
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		took, err := s.run(strings.Fields(lines.Text()))
		if err != nil {
			fmt.Fprintln(os.Stderr, "volumes:", err)
			os.Exit(1)
		}
		fmt.Println(took.Seconds())
	}
}

// session is what commands leave for the next ones.
type session struct {
	in, out               *volume.Volume[int16]
	prediction, reference *volume.Volume[uint8]
	rows                  []metrics.Row
	network               *onnx.Session
	mask                  *volume.Volume[uint8]
	stats                 map[string]any
}

func (s *session) run(words []string) (time.Duration, error) {
	commands := map[string]struct {
		do        func(text []string, numbers []float64) error
		text, all int // arguments that are words, and all
	}{
		"load":     {s.load, 1, 7},
		"resample": {s.resample, 1, 5},
		"series":   {s.series, 1, 1},
		"open":     {s.open, 2, 4},
		"predict":  {s.predict, 1, 2},
		"mask":     {s.saveMask, 1, 1},
		"save":     {s.save, 1, 1},
		"labels":   {s.labels, 2, 8},
		"measure":  {s.measure, 0, 1},
		"rows":     {s.saveRows, 1, 1},
	}
	if len(words) == 0 {
		return 0, fmt.Errorf("an empty line is no command")
	}
	command, ok := commands[words[0]]
	if !ok || len(words) != 1+command.all {
		return 0, fmt.Errorf("%q is no command", strings.Join(words, " "))
	}
	var numbers []float64
	for _, word := range words[1+command.text:] {
		number, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return 0, err
		}
		numbers = append(numbers, number)
	}
	start := time.Now()
	err := command.do(words[1:1+command.text], numbers)
	return time.Since(start), err
}

func (s *session) load(file []string, n []float64) error {
	raw, err := os.ReadFile(file[0])
	if err != nil {
		return err
	}
	s.in = volume.New[int16](volume.Grid{
		Size: [3]int{int(n[0]), int(n[1]), int(n[2])}, SpacingMM: [3]float64(n[3:]), Direction: volume.Identity(),
	})
	_, err = binary.Decode(raw, binary.LittleEndian, s.in.Data)
	return err
}

func (s *session) resample(how []string, n []float64) (err error) {
	s.out, err = volume.Resample(s.in, [3]float64(n[1:]), volume.Interpolation(how[0]), int(n[0]))
	return err
}

func (s *session) save(file []string, _ []float64) error {
	raw, err := binary.Append(nil, binary.LittleEndian, s.out.Data)
	if err != nil {
		return err
	}
	grid, err := json.Marshal(s.out.Grid)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(file[0], raw, 0o600), os.WriteFile(file[0]+".json", grid, 0o600))
}
