package configs

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Key is a setting of the configuration that can be given as one text, so
// none within a list or a map.
type Key struct {
	Path    string // as volume.spacing_mm
	Default string // as Set takes it; empty for none
	Type    reflect.Type
	Within  reflect.Type // the struct whose field it is
	Field   string
}

// Parameter is the key's name where a name holds no dot: volume_spacing_mm.
func (k Key) Parameter() string { return strings.ReplaceAll(k.Path, ".", "_") }

// Keys returns the keys in the order of the struct.
func Keys() []Key { return keysOf("", reflect.ValueOf(Default())) }

func keysOf(path string, v reflect.Value) (keys []Key) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		at := strings.TrimPrefix(path+"."+field.Tag.Get("yaml"), ".")
		switch {
		case field.Type.Kind() == reflect.Struct:
			keys = append(keys, keysOf(at, value)...)
		case isText(field.Type):
			keys = append(keys, Key{Path: at, Default: textOf(value), Type: field.Type, Within: v.Type(), Field: field.Name})
		}
	}
	return keys
}

// isText tells the types that one text gives: plain ones, and lists of them.
func isText(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array, reflect.Slice:
		return t.Elem().Kind() != reflect.Slice && isText(t.Elem())
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}

// textOf is a value as Set takes it: text as it is, a list with commas.
func textOf(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Array || v.Kind() == reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = textOf(v.Index(i))
		}
		return strings.Join(items, ",")
	case v.IsZero() && v.Kind() != reflect.Bool:
		return ""
	}
	return fmt.Sprint(v.Interface())
}

// Set sets the key at a path to a text: lists have commas between their items.
func (c *Config) Set(path, text string) error {
	for _, key := range Keys() {
		if key.Path != path {
			continue
		}
		node := scalar(key.Type, text)
		names := strings.Split(path, ".")
		for i := len(names) - 1; i >= 0; i-- {
			node = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: names[i]}, node}}
		}
		if err := node.Decode(c); err != nil {
			return fmt.Errorf("%s: %s", path, readable(strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n  ")).Problem)
		}
		return nil
	}
	return fmt.Errorf("the configuration has no key %s that one text can set", path)
}

func scalar(t reflect.Type, text string) *yaml.Node {
	if t.Kind() != reflect.Array && t.Kind() != reflect.Slice {
		node := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
		if t.Kind() == reflect.String {
			node.Tag = "!!str"
		}
		return node
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for item := range strings.SplitSeq(text, ",") {
		list.Content = append(list.Content, scalar(t.Elem(), strings.TrimSpace(item)))
	}
	return list
}
