package duckdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
)

// Formats are the names of the forms in which results are written: a table for
// people, CSV, JSON and Markdown.
var Formats = []string{"table", "csv", "json", "md"}

// modes are the program's flags for each. Null is empty in CSV, null in JSON.
var modes = map[string][]string{
	"table": {"-box", "-nullvalue", "–"},
	"csv":   {"-csv", "-nullvalue", ""},
	"json":  {"-json"},
	"md":    {"-markdown", "-nullvalue", "–"},
}

// An Error is what DuckDB says of a query, in one line.
type Error struct{ Text string }

func (e Error) Error() string { return e.Text }

// Query runs the statements of setup, then those of sql, in a database in
// memory, and writes their results in one of Formats. JSON is strict: an
// infinite value is the string "Infinity" or "-Infinity", no number "NaN". A
// fault of the statements is an Error. Nothing is fetched: an extension that is
// not there is an Error too.
func Query(ctx context.Context, program, setup, sql, format string, out io.Writer) error {
	setup = "SET autoinstall_known_extensions = false;\n" + setup
	args := append([]string{"-no-init", "-no-stdin", "-bail"}, modes[format]...)
	if strings.HasPrefix(strings.TrimSpace(sql), ".") {
		return Error{fmt.Sprintf("%.40q is a command of DuckDB's shell: a query is SQL, as SELECT …", strings.TrimSpace(sql))}
	}
	if format == "json" {
		out = &strictJSON{to: out}
	}
	var said bytes.Buffer
	command := exec.CommandContext(ctx, program, append(args, "-cmd", setup, "-c", sql)...)
	command.Stdout, command.Stderr = out, &said
	err := command.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if text := oneLine(said.String()); text != "" {
		return Error{text}
	}
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return fmt.Errorf("running DuckDB: it ended with %s and said nothing", exit)
	}
	if err != nil {
		return fmt.Errorf("running DuckDB: %w", err)
	}
	return nil
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// oneLine returns the first thing that DuckDB says, without the place in the
// query that it draws below.
func oneLine(said string) string {
	said, _, _ = strings.Cut(strings.TrimSpace(colour.ReplaceAllString(said, "")), "\n\n")
	return strings.Join(strings.Fields(said), " ")
}
