package schemas

// TableInfo describes one table.
type TableInfo struct {
	Name    string
	Doc     string // what a row is
	Columns []Column
}

// Tables describes every table, in the order in which a run fills them.
func Tables() []TableInfo {
	return []TableInfo{
		info[Instance]("One row an input file of the archive."),
		info[Series]("One row a CT series: one that became a volume, or one that was not used or could not be."),
		info[Patient]("One row a patient."),
		info[Patch]("One row a training patch."),
		info[Prediction]("One row a volume and model."),
		info[Metric]("One row a volume, model, label and metric."),
		info[Histogram]("One row a volume, model, label and class of attenuation."),
		info[Summary]("One row a model, cohort, split, label and metric: the cohort tables."),
		info[Comparison]("One row two models, cohort, split, label and metric: paired tests."),
		info[Reject]("One row something that was not processed."),
		info[Run]("One row a run of a stage."),
	}
}

func info[T Record](doc string) TableInfo {
	var row T
	return TableInfo{Name: row.Table(), Doc: doc, Columns: Columns[T]()}
}
