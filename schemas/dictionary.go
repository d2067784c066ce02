package schemas

import (
	"fmt"
	"strings"
)

// Dictionary returns the data dictionary as Markdown: every table and column
// with its type, unit and meaning.
func Dictionary() string {
	var text strings.Builder
	text.WriteString("# Data dictionary\n\nGenerated from package schemas; do not edit. Tables are Parquet under `tables/<table>/cohort=<cohort>/`, patches, as Parquet or Arrow IPC, under `patches/cohort=<cohort>/split=<split>/`.\n")
	for _, table := range Tables() {
		describe(&text, table)
		if table.Name == (Reject{}).Table() {
			describeReasons(&text)
		}
	}
	return text.String()
}

func describe(text *strings.Builder, table TableInfo) {
	fmt.Fprintf(text, "\n## %s\n\n%s\n\n| column | type | unit | meaning |\n|---|---|---|---|\n", table.Name, table.Doc)
	for _, c := range table.Columns {
		typ := c.Type.String()
		if c.Nullable {
			typ += ", nullable"
		}
		fmt.Fprintf(text, "| %s | %s | %s | %s |\n", c.Name, typ, c.Unit, c.Doc)
	}
}

func describeReasons(text *strings.Builder) {
	text.WriteString("\nReason codes:\n\n| reason_code | meaning | what to do |\n|---|---|---|\n")
	for _, r := range Reasons {
		fmt.Fprintf(text, "| %s | %s | %s |\n", r.Code, r.Meaning, r.ToDo)
	}
}
