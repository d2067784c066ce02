// Package views writes the SQL of DuckDB views over the tables of an output
// root. Running it is left to others.
package views

import (
	"fmt"
	"slices"
	"strings"

	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// Wide is the view of the metrics table with a row a volume, model and label and
// a column a measure.
const Wide = "metrics_wide"

// SQL returns statements that make a view of each of the named tables that lie
// under root, a path or URI, with what it and its columns mean as comments. Where
// metrics is among them, Wide is made too.
func SQL(root string, tables []string) string {
	var sql strings.Builder
	for _, table := range schemas.Tables() {
		if !slices.Contains(tables, table.Name) {
			continue
		}
		fmt.Fprintf(&sql, "CREATE OR REPLACE VIEW %s AS\n  SELECT * FROM read_parquet(%s, hive_partitioning = false);\n", table.Name, quoted(root+files(table.Name)))
		fmt.Fprintf(&sql, "COMMENT ON VIEW %s IS %s;\n", table.Name, quoted(table.Doc))
		for _, c := range table.Columns {
			comment(&sql, table.Name, c.Name, c.Doc, c.Unit)
		}
		sql.WriteString("\n")
		if table.Name == (schemas.Metric{}).Table() {
			writeWide(&sql)
		}
	}
	return sql.String()
}

// TableOf returns the table that a view shows, and whether there is such a view.
func TableOf(view string) (table string, ok bool) {
	if view == Wide {
		view = (schemas.Metric{}).Table()
	}
	return view, slices.ContainsFunc(schemas.Tables(), func(t schemas.TableInfo) bool { return t.Name == view })
}

// files are the files of a table, relative to the root.
func files(table string) string {
	if table == (schemas.Patch{}).Table() {
		return "/patches/*/*/*.parquet"
	}
	return "/tables/" + table + "/*/*.parquet"
}

func comment(sql *strings.Builder, view, column, doc, unit string) {
	if unit != "" {
		doc += " [" + unit + "]"
	}
	fmt.Fprintf(sql, "COMMENT ON COLUMN %s.%s IS %s;\n", view, column, quoted(doc))
}

func writeWide(sql *strings.Builder) {
	fmt.Fprintf(sql, "CREATE OR REPLACE VIEW %s AS\n  SELECT cohort, split, patient_id, series_uid, model_name, model_sha256, provider, label", Wide)
	for _, m := range metrics.Measures {
		fmt.Fprintf(sql, ",\n    max(value) FILTER (metric = %s) AS %s", quoted(m.Name), Column(m))
	}
	sql.WriteString(",\n    max(reason) FILTER (metric = 'dice') AS dice_reason\n  FROM metrics GROUP BY ALL;\n")
	fmt.Fprintf(sql, "COMMENT ON VIEW %s IS %s;\n", Wide, quoted("One row a volume, model and label; a measure that is undefined, or not of the label, is null."))
	for _, m := range metrics.Measures {
		comment(sql, Wide, Column(m), m.Title+": "+m.Doc, m.Unit)
	}
	comment(sql, Wide, "dice_reason", "Why Dice is undefined, or 0 for an empty mask: as column reason of metrics", "")
	sql.WriteString("\n")
}

// Column is a measure's column in Wide: its name, with its unit where it has one.
func Column(m metrics.Measure) string {
	switch m.Unit {
	case "mm", "ml":
		return m.Name + "_" + m.Unit
	case "%":
		return m.Name + "_percent"
	}
	return m.Name // a plain number, a count, or HU, which the name says
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
