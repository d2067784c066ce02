package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/spf13/cobra"

	"ctcohort/configs"
	"ctcohort/pipelines"
	"ctcohort/transforms/progress"
)

// stageCommand is the command of one stage: help, flags, and a pipeline.
func stageCommand(c *cobra.Command, flags func(*settings), run func(context.Context, pipelines.Job) (pipelines.Summary, error)) *cobra.Command {
	c.Long += "\n" + exitStatuses
	s := newSettings(c.Flags())
	flags(s)
	s.workers()
	s.status()
	s.again()
	addRunnerFlags(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		job, err := s.job(cmd.Context())
		if err != nil {
			return err
		}
		return runStage(cmd, cmd.Name(), job, run)
	}
	return c
}

// runStage runs one pipeline with its progress on stderr and its summary on stdout.
func runStage(cmd *cobra.Command, stage string, job pipelines.Job, run func(context.Context, pipelines.Job) (pipelines.Summary, error)) error {
	if err := pipelines.UseRunner(job.Config); err != nil {
		return usageError{err}
	}
	job.Say = sayTo(cmd)
	if pipelines.DryRun() {
		return printJobs(cmd, job, stage)
	}
	initBeam()
	return withStatus(cmd, job, []string{stage}, func(status *progress.Recorder) error {
		status.Begin(stage)
		watch := watchProgress(stage, cmd.ErrOrStderr())
		summary, err := run(cmd.Context(), job)
		watch.stop()
		if err != nil {
			return err
		}
		status.End(stage, summary.Rejects)
		fmt.Fprintln(cmd.OutOrStdout(), summaryLine(summary))
		if summary.Rejects > 0 {
			return errRejects
		}
		return nil
	})
}

// sayTo returns what tells a person a line while a command runs.
func sayTo(cmd *cobra.Command) func(string) {
	return func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
}

// initBeam tells Beam that the flags are parsed; it may be told once a process.
// It also keeps the embedded runner's log, which tells its own inner steps, off
// the terminal; CTCOHORT_LOG=1 shows it.
func initBeam() {
	if !beam.Initialized() {
		beam.Init()
	}
	if os.Getenv("CTCOHORT_LOG") == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler))
	}
}

func anonymiseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "anonymise --in URI --out URI --key-file FILE [flags]",
		Short: "De-identify an archive",
		Long: `De-identifies every DICOM file of an archive by PS3.15 Table E.1-1, and its
NIfTI and NRRD labels named <SeriesInstanceUID>.nii.gz. With --images the archive
holds CT volumes in NIfTI or NRRD instead, whose names say whose they are
(docs/sources.md).

Reads the archive, any layout. Writes dicom/ or sources/, labels/ and
tables/instances.
What cannot be de-identified becomes a row of tables/rejects, never a file: so
do images with burned-in text, unless a rule of --config blanks it, and heads
(docs/pixels.md).

The profile research keeps patient characteristics and dates moved by one offset
a patient, and cleans descriptions; basic keeps none of these. --option adds
options of PS3.15 Annex E.3 (docs/deidentification.md says what each does):
` + optionList(),
		Example: "  head -c 32 /dev/urandom > key && chmod 600 key\n  ctcohort anonymise --in archive --out out --key-file key --cohort china",
	}
	c.Long += "\n" + exitStatuses
	s := newSettings(c.Flags())
	name := "cohort"
	var site, labels string
	var volumes configs.Volumes
	c.Flags().StringVar(&s.in, "in", "", "`URI` of the archive")
	c.Flags().StringVar(&s.out, "out", "", "`URI` of the output root")
	s.set("key-file", "`file` with the pseudonym key, 16 bytes or more, readable by its owner alone", func(value string) (func(*configs.Config), error) {
		return func(c *configs.Config) { c.Deidentification.Key = "file:" + value }, nil
	})
	s.text("profile", "`profile`: research or basic (default research)", func(c *configs.Config) *string { return &c.Deidentification.Profile })
	s.list("option", "`option` of PS3.15 added to the profile; may be given again", func(c *configs.Config) *[]string { return &c.Deidentification.Options })
	s.integer("max-age", "`years`: ages above are written as one year more, so 89 makes 090Y of 95Y (default 0: as they are)", func(c *configs.Config) *int { return &c.Deidentification.MaxAgeYears })
	s.text("faces", "what happens to CT, MR and PET of the head, whose `faces` can be recognised: quarantine or allow (default quarantine)", func(c *configs.Config) *string { return &c.Deidentification.Faces })
	c.Flags().StringVar(&name, "cohort", name, "`name` of the cohort")
	c.Flags().StringVar(&site, "site", "", "`site` of the cohort: one ID at two sites is two patients")
	c.Flags().StringVar(&labels, "labels", "", "`URI` of labels that lie outside the archive")
	c.Flags().StringVar(&volumes.Images, "images", "", "`pattern` of the names of volumes, as {patient}/{series}.nii.gz: the archive holds no DICOM")
	c.Flags().StringVar(&volumes.Labels, "label-pattern", "", "`pattern` of the names of their labels, as {patient}/{series}_seg.nii.gz")
	s.text("links", "`URI` of a table of IDs that are one person's: CSV with the header person,site,issuer,patient_id", func(c *configs.Config) *string { return &c.Deidentification.Links })
	s.text("crosswalk", "`URI` of a folder, apart from the archive and --out, for the encrypted table of which original became which (default: none is written)",
		func(c *configs.Config) *string { return &c.Deidentification.Crosswalk.Output })
	s.list("crosswalk-recipient", "age `recipient` (age1…) who may read the crosswalk, as `ctcohort crosswalk --new-identity` prints; may be given again",
		func(c *configs.Config) *[]string { return &c.Deidentification.Crosswalk.Recipients })
	s.workers()
	s.status()
	s.again()
	addRunnerFlags(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.load(cmd.Context())
		if err != nil {
			return err
		}
		if s.in != "" {
			cfg.Cohorts = []configs.Cohort{{Name: name, Archive: s.in, Labels: labels, Site: site}}
			if volumes != (configs.Volumes{}) {
				cfg.Cohorts[0].Volumes = &volumes
			}
		}
		if s.out != "" {
			cfg.Output = s.out
		}
		if len(cfg.Cohorts) == 0 {
			return usageError{fmt.Errorf("--in is missing: the archive (or `cohorts` in --config)")}
		}
		if err := cfg.Validate(); err != nil {
			return usageError{err}
		}
		if cfg.Deidentification.Key == "" {
			return usageError{fmt.Errorf("--key-file is missing: a file with at least 16 random bytes, as `head -c 32 /dev/urandom > key && chmod 600 key` makes")}
		}
		return runStage(cmd, cmd.Name(), pipelines.Job{Config: cfg, In: cfg.Output, Out: cfg.Output, Force: s.force}, pipelines.Anonymise)
	}
	return c
}

// optionList is the options in lines of help.
func optionList() string {
	return "  " + strings.Join(configs.DeidentificationOptions, "\n  ")
}

func resampleCommand() *cobra.Command {
	return stageCommand(&cobra.Command{
		Use:   "resample --in URI [flags]",
		Short: "Make one volume a series, at a fixed spacing, with its labels",
		Long: `Assembles each CT series into a volume in HU, resamples it to a fixed spacing,
and its reference label (DICOM SEG, RTSTRUCT, NIfTI or NRRD) onto the same grid.

Reads dicom/, sources/, labels/ and tables/instances. Writes volumes/ (NIfTI, int16 HU and
uint8 labels) and tables/series.`,
		Example: "  ctcohort resample --in out --spacing 1,1,1",
	}, func(s *settings) {
		s.root()
		s.spacing()
		s.text("use", "`which` of a patient's series become volumes: all, or the best (default all)", func(c *configs.Config) *string { return &c.Series.Use })
		s.text("oblique", "`what` becomes of oblique slices: resample to axial, keep their direction, or reject all that are not axial (default resample)",
			func(c *configs.Config) *string { return &c.Series.Oblique })
		s.text("interpolation", "`how` HU are interpolated: linear, nearest or bspline (default linear)", func(c *configs.Config) *string { return &c.Volume.Interpolation })
		s.text("prefilter", "`what` smooths axes that get coarser by more than 1.5 beforehand: none or gaussian (default none)", func(c *configs.Config) *string { return &c.Volume.Prefilter })
		s.text("label-interpolation", "`how` labels are resampled: nearest, or linear for the label that weighs most (default nearest)", func(c *configs.Config) *string { return &c.Volume.LabelInterpolation })
		s.format()
		s.text("several-labels", "what happens to several `labels` of one thing on one series: reject, union or newest (default reject)", func(c *configs.Config) *string { return &c.Labels.Several })
	}, pipelines.Resample)
}

func splitCommand() *cobra.Command {
	return stageCommand(&cobra.Command{
		Use:   "split --in URI [flags]",
		Short: "Split the patients into training and test",
		Long: `Assigns each patient, with all its series, to train or test, in an order that
depends on the seed and the pseudonyms alone: exactly the numbers asked for
(--train, --test), or fractions (--train-fraction, --test-fraction), with which
patients stay where they are when others join.

Patients who share an ID, a study, a frame of reference or a volume stay
together. Patients of an external cohort are all test, beside the numbers.
What was written is checked: nothing may be on both sides.

Reads tables/series. Writes tables/patients.`,
		Example: "  ctcohort split --in out --train 731 --test 130 --external germany\n  ctcohort split --in out --train-fraction 0.85 --test-fraction 0.15",
	}, func(s *settings) {
		s.root()
		s.sides()
		s.text("stratify-by", "take each `stratum`'s share of both numbers: none or site, as the configuration names it (default none)", func(c *configs.Config) *string { return &c.Split.StratifyBy })
		s.list("external", "`cohort` that is wholly for testing; may be given again", func(c *configs.Config) *[]string { return &c.Split.External })
		s.seed("seed", "`seed` of the order (default 1)", func(c *configs.Config) *int64 { return &c.Split.Seed })
	}, pipelines.Split)
}

func tileCommand() *cobra.Command {
	return stageCommand(&cobra.Command{
		Use:   "tile --in URI [flags]",
		Short: "Cut training patches into shards",
		Long: `Cuts patches from the volumes, random crops of which a third are centred on
foreground, or a grid.

Shards are Parquet, compressed; or Arrow IPC files, not compressed, which a
reader maps into memory: arrow with the columns of the Parquet shards, tensor
with image and label as arrow.fixed_shape_tensor, for other loaders.

Reads volumes/, tables/series and tables/patients. Writes
patches/cohort=…/split=…/part-*.parquet, or .arrow.`,
		Example: "  ctcohort tile --in out --patches 16 --size 128,128,64\n  ctcohort tile --in out --format arrow",
	}, func(s *settings) {
		s.root()
		s.size()
		s.integer("patches", "`N` patches a volume (default 16)", func(c *configs.Config) *int { return &c.Tile.Patches })
		s.number("foreground", "`share` of patches centred on foreground (default 1/3)", func(c *configs.Config) *float64 { return &c.Tile.Foreground })
		s.text("mode", "`mode`: random or grid (default random)", func(c *configs.Config) *string { return &c.Tile.Mode })
		s.seed("seed", "`seed` of the crops (default 1)", func(c *configs.Config) *int64 { return &c.Tile.Seed })
		s.text("format", "`format` of the shards: parquet, arrow or tensor (default parquet)", func(c *configs.Config) *string { return &c.Tile.Format })
		s.integer("shard-mib", "about the size of the largest shard in `MiB` (default 256)", func(c *configs.Config) *int { return &c.Tile.ShardMiB })
	}, pipelines.Tile)
}

func inferCommand() *cobra.Command {
	return stageCommand(&cobra.Command{
		Use:   "infer --in URI --model FILE [flags]",
		Short: "Segment every volume and measure the result",
		Long: `Runs one or more networks over every volume by sliding window and compares the
result with the reference label, where there is one. Each mask is written on the
volume's grid, on that of its source, and as DICOM SEG on the images.

Reads volumes/, tables/series and tables/patients. Writes masks/,
tables/predictions, tables/metrics and tables/histograms.`,
		Example: "  ctcohort infer --in out --model train/models/covid_segnet_w8_demo.onnx",
	}, func(s *settings) {
		s.root()
		s.models()
		s.hardware()
		s.windows()
		s.format()
		s.masks()
	}, pipelines.Infer)
}

func (s *settings) format() {
	s.text("format", "`format` of volumes, labels and masks: nii.gz or nii (default nii.gz)", func(c *configs.Config) *string { return &c.Volume.Format })
}

func (s *settings) models() {
	s.list("model", "ONNX `file` with ctcohort's metadata; may be given again", func(c *configs.Config) *[]string { return &c.Inference.Models })
}

func reportCommand() *cobra.Command {
	return stageCommand(&cobra.Command{
		Use:   "report --in URI [flags]",
		Short: "Make the report: one HTML page",
		Long: `Makes one self-contained HTML page of the run: what went in and what was
rejected, the cohorts, the split, the metrics, figures of single volumes, and a
viewer that scrolls their slices and turns their surfaces. Of a volume it shows
the extent of the lungs alone, never a head (docs/report.md).

Reads tables/, volumes/ and masks/. Writes report/index.html, the cohort tables
as CSV, Markdown and LaTeX beside it and as tables/summaries and
tables/comparisons, and under report/figures the figures as PNG and SVG and the
surfaces as GLB.`,
		Example: "  ctcohort report --in out --figures 20 --viewer 4",
	}, func(s *settings) {
		s.root()
		s.integer("figures", "`N` volumes with figures, the worst first (default 8)", func(c *configs.Config) *int { return &c.Report.Figures })
		s.list("patient", "`pseudonym` of a patient who is shown before these; may be given again", func(c *configs.Config) *[]string { return &c.Report.Patients })
		s.integer("viewer", "`N` first of them that the page's viewer has (default 6)", func(c *configs.Config) *int { return &c.Report.Viewer })
		s.integer("preview-mib", "`MiB` that figures and viewer may add to the page (default 15)", func(c *configs.Config) *int { return &c.Report.PreviewMiB })
	}, pipelines.Report)
}
