package schemas

// Patient is one patient and the side of the split it is on.
type Patient struct {
	PatientID string `col:"patient_id" doc:"Pseudonym of the patient"`
	Cohort    string `col:"cohort" doc:"Cohort of the configuration"`
	Site      string `col:"site" doc:"Site of the cohort in the configuration"`
	Split     string `col:"split" doc:"train, test, or unused: beyond the numbers or fractions asked for"`
	SplitSeed int64  `col:"split_seed" doc:"Seed of the order from which the split was taken"`
	External  bool   `col:"external" doc:"Whether the cohort is wholly for testing"`
	Linked    int32  `col:"linked_patients" unit:"patient" doc:"Patients that stay on one side with this one, itself included: those who share an ID, a study, a frame of reference or a volume, directly or through others"`
	NSeries   int32  `col:"n_series" unit:"series" doc:"Usable series of the patient"`
}

// Table implements Record.
func (Patient) Table() string { return "patients" }

// Partition implements Record.
func (r Patient) Partition() string { return r.Cohort }

// Key implements Record.
func (r Patient) Key() string { return key(r.Cohort, r.PatientID) }
