package configs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load decodes and validates the configuration in data. name stands in the
// errors, which are joined: every unknown key and every bad value, each with
// its line.
func Load(name string, data []byte) (Config, error) {
	cfg, faults := decode(data)
	lines := lineNumbers(data)
	cfg.Split = cfg.Split.withoutDefaults(func(key string) bool { return lines["split."+key] > 0 })
	faults = append(faults, cfg.faults()...)
	faults = append(faults, cfg.references()...)
	if len(faults) == 0 {
		return cfg, nil
	}
	seen := map[string]bool{}
	var errs []error
	for _, f := range faults {
		text := fmt.Sprintf("%s:%d: %s", name, f.line(lines), f.Problem)
		if !seen[text] {
			seen[text] = true
			errs = append(errs, errors.New(text))
		}
	}
	return Config{}, errors.Join(errs...)
}

// Validate reports every bad value of a configuration that no file holds, each
// by its key.
func (c Config) Validate() error {
	var errs []error
	for _, f := range c.faults() {
		errs = append(errs, errors.New(f.Problem))
	}
	return errors.Join(errs...)
}

// SHA256 is the digest of the configuration as used, defaults and flags included.
func (c Config) SHA256() (string, error) {
	text, err := yaml.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding the configuration: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// A fault is a problem at a place: a key's path such as cohorts.0.name, or a line.
type fault struct {
	Path    string
	Line    int
	Problem string
}

func (f fault) line(lines map[string]int) int {
	for path := f.Path; f.Line == 0; path = path[:max(strings.LastIndexByte(path, '.'), 0)] {
		if n, ok := lines[path]; ok {
			return n
		}
		if path == "" {
			return 1
		}
	}
	return f.Line
}

func decode(data []byte) (Config, []fault) {
	cfg := Default()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(&cfg)
	var typeErr *yaml.TypeError
	switch {
	case err == nil:
		if decoder.Decode(new(yaml.Node)) != io.EOF {
			return cfg, []fault{{Line: 1, Problem: "holds more than one YAML document; a run has one"}}
		}
		return cfg, nil
	case errors.Is(err, io.EOF):
		return cfg, nil
	case errors.As(err, &typeErr):
		faults := make([]fault, len(typeErr.Errors))
		for i, text := range typeErr.Errors {
			faults[i] = readable(text)
		}
		return cfg, faults
	default:
		return cfg, []fault{readable(strings.TrimPrefix(err.Error(), "yaml: "))}
	}
}

var (
	atLine     = regexp.MustCompile(`^line (\d+): `)
	unknownKey = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	wrongType  = regexp.MustCompile("^cannot unmarshal \\S+ `?(.*?)`? ?into (.*)$")
	typeNames  = strings.NewReplacer(
		"[][]int", "a list of regions", "[]int", "x, y, width, height in brackets", "[3]float64", "three numbers", "[2]float64", "two numbers", "[3]int", "three whole numbers",
		"map[int]string", "a map of whole numbers to texts", "[]string", "a list of texts", "[]configs.", "a list of ", "configs.", "the keys of ",
		"int64", "a whole number", "int", "a whole number", "float64", "a number", "bool", "true or false", "string", "a text",
	)
)

// readable turns a message of the YAML library into a fault in the user's words.
func readable(text string) fault {
	line := 1
	if m := atLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		return fault{Line: line, Problem: fmt.Sprintf("unknown key %q", m[1])}
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		return fault{Line: line, Problem: fmt.Sprintf("%q is not %s", m[1], typeNames.Replace(m[2]))}
	}
	return fault{Line: line, Problem: text}
}

// lineNumbers maps the path of each key in data to its line.
func lineNumbers(data []byte) map[string]int {
	lines := map[string]int{}
	var root yaml.Node
	if yaml.Unmarshal(data, &root) == nil && len(root.Content) > 0 {
		collect(root.Content[0], "", lines)
	}
	return lines
}

func collect(node *yaml.Node, path string, lines map[string]int) {
	join := func(key string) string { return strings.TrimPrefix(path+"."+key, ".") }
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := join(node.Content[i].Value)
			lines[key] = node.Content[i].Line
			collect(node.Content[i+1], key, lines)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			key := join(strconv.Itoa(i))
			lines[key] = item.Line
			collect(item, key, lines)
		}
	}
}
