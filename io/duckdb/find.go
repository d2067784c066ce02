package duckdb

import (
	"os"
	"os/exec"

	"ctcohort/io/sharedlib"
)

// ProgramEnv names the variable with DuckDB's program, or with the folder that
// holds it.
const ProgramEnv = "CTCOHORT_DUCKDB"

var program = sharedlib.Library{
	Name: "DuckDB", Stem: "duckdb", Folder: "duckdb", Variable: ProgramEnv, Target: "duckdb", Program: true,
}

// Find returns the path of the program that CTCOHORT_DUCKDB names, else of the
// one in the folder duckdb beside the program or in build/duckdb of the working
// folder or of one above it, else of the one on PATH. The error says what to do.
func Find() (string, error) {
	path, err := program.Find("")
	if err == nil || os.Getenv(ProgramEnv) != "" {
		return path, err
	}
	if onPath, notThere := exec.LookPath("duckdb"); notThere == nil {
		return onPath, nil
	}
	return "", err
}
