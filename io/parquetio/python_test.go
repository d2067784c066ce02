package parquetio

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

// python returns the interpreter with the reference readers, or skips.
func python(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CTCOHORT_PYTHON"); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "build", "venv", "bin", "python")
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no Python with pyarrow and duckdb: set CTCOHORT_PYTHON or make build/venv")
		}
	}
}

// ask runs a Python expression over the folder in argv[1] and decodes the JSON it gives.
func ask(t *testing.T, script, folder string, into any) {
	t.Helper()
	command := exec.Command(python(t), "-c", script, folder)
	var errors bytes.Buffer
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, errors.String())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("python printed %q: %v", out, err)
	}
}

func TestOtherReadersSeeTheSameTable(t *testing.T) {
	python(t)
	root := t.TempDir()
	s, err := store.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	china, germany := metrics("china", 9), metrics("germany", 3)
	for name, rows := range map[string][]schemas.Metric{
		"tables/metrics/cohort=china/part-00000.parquet":   china[:5],
		"tables/metrics/cohort=china/part-00001.parquet":   china[5:],
		"tables/metrics/cohort=germany/part-00000.parquet": germany,
		"tables/metrics/cohort=italy/part-00000.parquet":   nil,
	} {
		if err := Commit(t.Context(), s, name, rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.WriteAll(t.Context(), s, "tables/metrics/_SUCCESS", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Cohort, Patient, Metric, Model string
		Value                          any
		Defined                        bool
	}
	var want []row
	for _, m := range append(china, germany...) {
		r := row{m.Cohort, m.PatientID, m.Metric, m.ModelName, nil, m.Defined}
		if m.Value != nil {
			if r.Value = *m.Value; m.Metric == "m2" {
				r.Value = "inf"
			}
		}
		want = append(want, r)
	}
	const printed = `
def show(rows):
    print(json.dumps([dict(Cohort=c, Patient=p, Metric=m, Model=n, Value="inf" if v == math.inf else v, Defined=d) for c, p, m, n, v, d in sorted(rows, key=lambda r: r[:3])]))
`
	const columns = `["cohort", "patient_id", "metric", "model_name", "value", "defined"]`
	for _, c := range []struct{ reader, script string }{
		{"duckdb", `
import duckdb
q = "select cohort, patient_id, metric, model_name, value, defined from read_parquet('%s/tables/metrics/*/*.parquet', hive_partitioning=%s)"
rows = duckdb.sql(q % (root, "true")).fetchall()
assert rows == duckdb.sql(q % (root, "false")).fetchall(), "the column and the partition differ"
assert len(duckdb.sql((q % (root, "true")) + " where cohort = 'germany'").fetchall()) == 3
assert [str(t) for t in duckdb.sql(q % (root, "true")).types][0] == "VARCHAR"
show(rows)`},
		{"pyarrow.dataset, hive", `
import pyarrow, pyarrow.dataset as ds
d = ds.dataset(root + "/tables/metrics", partitioning="hive")
assert d.schema.field("cohort").type == pyarrow.string(), d.schema
assert d.to_table(filter=ds.field("cohort") == "germany").num_rows == 3
show(zip(*d.to_table(columns=` + columns + `).to_pydict().values()))`},
		{"pyarrow.dataset", `
import pyarrow.dataset as ds
show(zip(*ds.dataset(root + "/tables/metrics").to_table(columns=` + columns + `).to_pydict().values()))`},
		{"polars", `
import polars
d = polars.scan_parquet(root + "/tables/metrics/*/*.parquet", hive_partitioning=True)
assert d.collect_schema()["cohort"] == polars.String
assert d.filter(polars.col("cohort") == "germany").collect().height == 3
show(d.select(` + columns + `).collect().rows())`},
		{"pandas", `
import pandas
d = pandas.read_parquet(root + "/tables/metrics", partitioning=None)
show((c, p, m, n, None if v != v else v, d) for c, p, m, n, v, d in d[` + columns + `].itertuples(index=False, name=None))`},
	} {
		t.Run(c.reader, func(t *testing.T) {
			var got []row
			ask(t, "import json, math, sys\nroot = sys.argv[1]\n"+printed+c.script, root, &got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherReadersSeeTheNotes(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "x.parquet"), encode(t, metrics("china", 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Description, CreatedBy, Codec string
		Nullable                      bool
	}
	ask(t, `
import json, sys, pyarrow.parquet as pq
f = pq.ParquetFile(sys.argv[1] + "/x.parquet")
value = f.schema_arrow.field("value")
print(json.dumps(dict(Description=value.metadata[b"description"].decode(), Nullable=value.nullable, CreatedBy=f.metadata.created_by, Codec=f.metadata.row_group(0).column(0).compression)))`, root, &got)
	field, _ := schemas.Arrow[schemas.Metric]().FieldsByName("value")
	description, _ := field[0].Metadata.GetValue("description")
	if got.Description != description || !got.Nullable || got.CreatedBy != createdBy || got.Codec != "ZSTD" {
		t.Errorf("pyarrow sees %+v", got)
	}
}

// pyarrow's view of a shard is what training reads: shape (z, y, x).
func TestOtherReadersSeeTheSamePatches(t *testing.T) {
	root, size := t.TempDir(), [3]int{16, 8, 4}
	if err := os.WriteFile(filepath.Join(root, "x.parquet"), shard(t, size, 6, schemas.PatchParquet), 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rows     []int
		Types    []string
		Meta     map[string]string
		Voxel    int
		Label    int
		Origin   int
		Sum      int
		Stats    []bool
		Encoding []string
	}
	ask(t, `
import json, sys, numpy as np, pyarrow.parquet as pq
f = pq.ParquetFile(sys.argv[1] + "/x.parquet")
t = f.read()
x, y, z = map(int, f.schema_arrow.metadata[b"patch_size"].split(b","))
image = np.frombuffer(t["image"][5].as_py(), f.schema_arrow.metadata[b"image.dtype"].decode()).reshape(z, y, x)
label = np.frombuffer(t["label"][5].as_py(), f.schema_arrow.metadata[b"label.dtype"].decode()).reshape(z, y, x)
g = f.metadata.row_group(0)
column = {g.column(i).path_in_schema: g.column(i) for i in range(g.num_columns)}
print(json.dumps(dict(
    Rows=[f.metadata.row_group(i).num_rows for i in range(f.metadata.num_row_groups)],
    Types=[str(t.schema.field(n).type) for n in ("image", "label", "has_label", "index")],
    Meta={k.decode(): v.decode() for k, v in f.schema_arrow.metadata.items()},
    Voxel=int(image[1, 2, 3]), Label=int(label[3, 6, 0]), Origin=t["origin_x"][5].as_py(), Sum=int(image.astype(int).sum()),
    Stats=[column["image"].is_stats_set, column["index"].is_stats_set],
    Encoding=list(column["image"].encodings))))`, root, &got)
	p := patch(size, 5)
	voxel := func(x, y, z int) int {
		i := (z*size[1]+y)*size[0] + x
		return int(int16(uint16(p.Image[2*i]) | uint16(p.Image[2*i+1])<<8))
	}
	sum := 0
	for i := range size[0] * size[1] * size[2] {
		sum += voxel(i, 0, 0)
	}
	if !cmp.Equal(got.Rows, []int{4, 2}) || !cmp.Equal(got.Types, []string{"fixed_size_binary[1024]", "fixed_size_binary[512]", "bool", "int32"}) {
		t.Errorf("row groups %v, types %v", got.Rows, got.Types)
	}
	if got.Voxel != voxel(3, 2, 1) || got.Label != int(p.Label[(3*8+6)*16]) || got.Sum != sum || got.Origin != -3 {
		t.Errorf("voxel %d, label %d, sum %d, origin %d; want %d, %d, %d, -3", got.Voxel, got.Label, got.Sum, got.Origin, voxel(3, 2, 1), p.Label[(3*8+6)*16], sum)
	}
	if !cmp.Equal(got.Stats, []bool{false, true}) {
		t.Errorf("statistics on image and index: %v; want false, true", got.Stats)
	}
	for _, e := range got.Encoding {
		if e == "PLAIN_DICTIONARY" || e == "RLE_DICTIONARY" {
			t.Errorf("the image is encoded as %v", got.Encoding)
		}
	}
	if got.Meta["axis_order"] != "z,y,x (C order)" || got.Meta["byte_order"] != "little" {
		t.Errorf("metadata %v", got.Meta)
	}
}

// The three formats hold the same rows. pyarrow maps those of Arrow IPC: the
// voxels of a batch are where the file is mapped, and a tensor is one to it.
func TestArrowShardsAreTheParquetOnes(t *testing.T) {
	root, size := t.TempDir(), [3]int{16, 8, 4}
	for _, format := range []string{schemas.PatchParquet, schemas.PatchArrow, schemas.PatchTensor} {
		if err := os.WriteFile(filepath.Join(root, format), shard(t, size, 6, format), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got struct {
		Equal, Mapped, Tensor, Names, Meta bool
		Rows                               []int
		Empty                              int
	}
	if err := os.WriteFile(filepath.Join(root, "empty"), shard(t, size, 0, schemas.PatchTensor), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, `
import json, sys, numpy as np, pyarrow as pa, pyarrow.parquet as pq
from pyarrow import ipc
root = sys.argv[1]
parquet = pq.read_table(root + "/parquet")
mapped = pa.memory_map(root + "/arrow")
whole = np.frombuffer(mapped.read_buffer(), np.uint8)
start, end = whole.ctypes.data, whole.ctypes.data + whole.nbytes
file = ipc.open_file(mapped)
batches = [file.get_batch(i) for i in range(file.num_record_batches)]
views = [np.frombuffer(b["image"].buffers()[1], "<i2") for b in batches] + [np.frombuffer(b["label"].buffers()[1], "u1") for b in batches]
inside = all(start <= v.ctypes.data and v.ctypes.data + v.nbytes <= end and v.ctypes.data % 8 == 0 for v in views)
tensors = ipc.open_file(pa.memory_map(root + "/tensor"))
equal_tensor, at = isinstance(tensors.schema.field("image").type, pa.FixedShapeTensorType), 0
for i in range(tensors.num_record_batches):
    batch = tensors.get_batch(i)
    image, label = batch["image"].to_numpy_ndarray(), batch["label"].to_numpy_ndarray()
    for j in range(len(batch)):
        equal_tensor &= image.shape[1:] == (4, 8, 16) and image.dtype == np.int16 and label.dtype == np.uint8
        equal_tensor &= image[j].tobytes() == parquet["image"][at].as_py() and label[j].tobytes() == parquet["label"][at].as_py()
        at += 1
small = [n for n in parquet.column_names if n not in ("image", "label")]
print(json.dumps(dict(
    Equal=pa.Table.from_batches(batches).equals(parquet) and at == 6 and tensors.read_all().select(small).equals(parquet.select(small)),
    Mapped=bool(inside), Tensor=bool(equal_tensor), Names=tensors.schema.field("image").type.dim_names == ["z", "y", "x"],
    Meta=file.schema.metadata == parquet.schema.metadata == tensors.schema.metadata and file.schema.field("image").metadata[b"unit"] == b"HU",
    Rows=[len(b) for b in batches], Empty=ipc.open_file(root + "/empty").read_all().num_rows)))`, root, &got)
	if !got.Equal || !got.Mapped || !got.Tensor || !got.Names || !got.Meta || !cmp.Equal(got.Rows, []int{4, 2}) || got.Empty != 0 {
		t.Errorf("pyarrow sees %+v; want the same rows, mapped, in batches of 4 and 2", got)
	}
}
