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
	describe[Instance](&text, "One row an input file of the archive.")
	describe[Series](&text, "One row a CT series that became a volume.")
	describe[Patient](&text, "One row a patient.")
	describe[Patch](&text, "One row a training patch.")
	describe[Prediction](&text, "One row a volume and model.")
	describe[Metric](&text, "One row a volume, model, label and metric.")
	describe[Histogram](&text, "One row a volume, model, label and class of attenuation.")
	describe[Reject](&text, "One row something that was not processed.")
	describeReasons(&text)
	describe[Run](&text, "One row a run of a stage.")
	return text.String()
}

func describe[T Record](text *strings.Builder, what string) {
	var row T
	fmt.Fprintf(text, "\n## %s\n\n%s\n\n| column | type | unit | meaning |\n|---|---|---|---|\n", row.Table(), what)
	for _, c := range Columns[T]() {
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
