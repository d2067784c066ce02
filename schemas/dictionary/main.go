// Command dictionary writes the data dictionary of package schemas into
// DICTIONARY.md of the working folder; `go generate` runs it.
package main

import (
	"fmt"
	"os"

	"ctcohort/schemas"
)

func main() {
	if err := os.WriteFile("DICTIONARY.md", []byte(schemas.Dictionary()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "writing the data dictionary:", err)
		os.Exit(1)
	}
}
