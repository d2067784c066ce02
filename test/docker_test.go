package test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/openjpeg"
	"ctcohort/model/onnx"
)

// instructions are those of docker/Dockerfile, joined where lines go on, each as its words.
func instructions(t *testing.T) (all [][]string) {
	t.Helper()
	text := strings.ReplaceAll(string(read(t, "../docker/Dockerfile")), "\\\n", " ")
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			all = append(all, words)
		}
	}
	return all
}

// No image is built where there is no Docker: what the Dockerfile takes from
// this repository is there, what it takes from elsewhere is pinned, and what an
// image starts was put into it.
func TestDockerfile(t *testing.T) {
	ignored := strings.Fields(string(read(t, "../.dockerignore")))
	files := map[string][]string{} // stage → what was copied into it
	var stage string
	for _, words := range instructions(t) {
		switch words[0] {
		case "FROM":
			base := words[1]
			stage = words[len(words)-1]
			if _, own := files[base]; !own && (!strings.Contains(base, ":") || strings.HasSuffix(base, ":latest")) {
				t.Errorf("FROM %s names no version", base)
			}
			files[stage] = slices.Clone(files[base])
		case "COPY":
			to := words[len(words)-1]
			from, ofStage := strings.CutPrefix(words[1], "--from=")
			if _, earlier := files[from]; ofStage && !earlier {
				t.Errorf("COPY --from=%s names no earlier stage", from)
			}
			for _, source := range words[1 : len(words)-1] {
				if ofStage && source == words[1] {
					continue
				}
				if _, err := os.Stat(filepath.Join("..", source)); !ofStage && (err != nil || slices.Contains(ignored, source)) {
					t.Errorf("COPY %s takes what is not there: %v", source, err)
				}
			}
			files[stage] = append(files[stage], to)
		case "RUN":
			for _, fetched := range regexp.MustCompile(`wheels/fetch\.sh (\S+)`).FindAllStringSubmatch(strings.Join(words, " "), -1) {
				pins := read(t, "../wheels/"+fetched[1]+".txt")
				if !regexp.MustCompile(`(?m)^[a-z0-9-]+==[0-9.]+ \\\n +--hash=sha256:[0-9a-f]{64}$`).Match(pins) {
					t.Errorf("wheels/%s.txt pins no version with its hash", fetched[1])
				}
			}
		case "ENTRYPOINT":
			if program := strings.Trim(words[1], `[]"`); !slices.Contains(files[stage], program) {
				t.Errorf("image %s starts %s, which was not copied there", stage, program)
			}
		case "ENV":
			for _, setting := range words[1:] {
				name, value, _ := strings.Cut(setting, "=")
				switch {
				case name == "LD_LIBRARY_PATH":
				case name == "FLEX_TEMPLATE_GO_BINARY":
					if !slices.Contains(files[stage], value) {
						t.Errorf("image %s lacks %s", stage, value)
					}
				case name != onnx.LibraryEnv && name != openjpeg.LibraryEnv || !slices.Contains(files[stage], path.Dir(value)):
					t.Errorf("image %s sets %s, which nothing reads or nothing fills", stage, setting)
				}
			}
		}
	}
	for _, image := range []string{"cpu", "gpu", "launcher"} {
		if len(files[image]) < 3 {
			t.Errorf("image %s holds %v; want libraries, program and entry point", image, files[image])
		}
	}
}

// The image is built by the Go and with the Beam that go.mod names, and fetches
// by the Python whose wheels are pinned.
func TestDockerfileVersions(t *testing.T) {
	text := string(read(t, "../docker/Dockerfile"))
	minor := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(read(t, "../go.mod"))
	if !strings.Contains(text, "FROM golang:"+string(minor[1])+"-") {
		t.Errorf("the build image is not of Go %s", minor[1])
	}
	python := regexp.MustCompile(`--python-version (\S+)`).FindSubmatch(read(t, "../wheels/fetch.sh"))
	if !strings.Contains(text, "FROM python:"+string(python[1])+"-") {
		t.Errorf("the image that fetches is not of Python %s", python[1])
	}
	if !strings.Contains(text, " github.com/apache/beam/sdks/v2/go/container\n") {
		t.Error("Beam's entry point is not built from the module that go.mod names")
	}
	if mode, err := os.Stat("../docker/launch.sh"); err != nil || mode.Mode().Perm()&0o111 == 0 {
		t.Errorf("docker/launch.sh: %v, %v; want a program", mode, err)
	}
}
