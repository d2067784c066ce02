// Command flextemplate writes the metadata of Dataflow's flex template, which
// is generated from the keys of the configuration, into the file of its
// argument; `go generate` runs it.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "writing the metadata of the flex template:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	data, err := metadata(".")
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
