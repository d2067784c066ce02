package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"ctcohort/configs"
)

// A template and its parameters, in the words of Dataflow's flex templates.
type (
	template struct {
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Parameters  []parameter `json:"parameters"`
	}
	parameter struct {
		Name     string   `json:"name"`
		Label    string   `json:"label"`
		HelpText string   `json:"helpText"`
		Optional bool     `json:"isOptional"`
		Regexes  []string `json:"regexes,omitempty"`
	}
)

// forms are the texts that a key of each kind takes.
var forms = map[reflect.Kind]string{
	reflect.Bool: `true|false`, reflect.Int: `-?[0-9]+`, reflect.Int64: `-?[0-9]+`, reflect.Float64: `-?[0-9.]+(e-?[0-9]+)?`,
}

// metadata returns the template's description as JSON; folder holds the source
// of package configs, whose comments explain the keys.
func metadata(folder string) ([]byte, error) {
	comments, err := fieldComments(folder)
	if err != nil {
		return nil, err
	}
	all := template{
		Name:        "ctcohort",
		Description: "One stage of ctcohort over archives of chest CT: de-identify, resample, split, tile, or segment and measure.",
		Parameters: []parameter{
			{Name: "stage", Label: "Stage", HelpText: "The stage to run: " + strings.Join(configs.RunnerStages, ", "), Regexes: []string{strings.Join(configs.RunnerStages, "|")}},
			{Name: "config", Label: "Configuration", HelpText: "gs:// URI of the YAML configuration; a parameter wins over it", Regexes: []string{`gs://[^/]+/.+`}},
		},
	}
	for _, key := range configs.Keys() {
		help := comments[key.Within.Name()+"."+key.Field]
		if help == "" {
			help = "Key " + key.Path + " of the configuration"
		}
		if key.Default != "" {
			help += "; default " + key.Default
		}
		all.Parameters = append(all.Parameters, parameter{Name: key.Parameter(), Label: key.Path, HelpText: help, Optional: true, Regexes: regexes(key.Type)})
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(all)
	return text.Bytes(), err
}

func regexes(t reflect.Type) []string {
	if form, ok := forms[t.Kind()]; ok {
		return []string{form}
	}
	if t.Kind() == reflect.Array {
		item := "(" + forms[t.Elem().Kind()] + ")"
		return []string{item + strings.Repeat(`,\s*`+item, t.Len()-1)}
	}
	return nil
}

// fieldComments returns the comments behind the fields of the structs in a
// folder's files, by type and field.
func fieldComments(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of the configuration: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						found[spec.Name.Name+"."+name.Name] = strings.TrimSpace(field.Comment.Text())
					}
				}
			}
			return true
		})
	}
	return found, nil
}
