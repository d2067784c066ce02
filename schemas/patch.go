package schemas

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// The formats of a shard of patches. The rows are the same in all.
const (
	PatchParquet = "parquet" // image and label FixedSizeBinary, zstd
	PatchArrow   = "arrow"   // the same columns as an Arrow IPC file, not compressed, for mapping into memory
	PatchTensor  = "tensor"  // an Arrow IPC file in which image and label are arrow.fixed_shape_tensor
)

// Patch is one training patch. Image and Label are x fastest, then y, then z.
type Patch struct {
	PatientID         string  `col:"patient_id" doc:"Pseudonym of the patient"`
	SeriesUID         string  `col:"series_uid" doc:"New Series Instance UID"`
	Index             int32   `col:"index" doc:"Number of the patch within its series"`
	OriginX           int32   `col:"origin_x" unit:"voxel" doc:"First voxel along x in the volume; negative where the patch reaches outside"`
	OriginY           int32   `col:"origin_y" unit:"voxel" doc:"First voxel along y in the volume"`
	OriginZ           int32   `col:"origin_z" unit:"voxel" doc:"First voxel along z in the volume"`
	OriginXMM         float64 `col:"origin_x_mm" unit:"mm" doc:"Centre of the first voxel, LPS x"`
	OriginYMM         float64 `col:"origin_y_mm" unit:"mm" doc:"Centre of the first voxel, LPS y"`
	OriginZMM         float64 `col:"origin_z_mm" unit:"mm" doc:"Centre of the first voxel, LPS z"`
	SpacingX          float64 `col:"spacing_x_mm" unit:"mm" doc:"Voxel spacing along x"`
	SpacingY          float64 `col:"spacing_y_mm" unit:"mm" doc:"Voxel spacing along y"`
	SpacingZ          float64 `col:"spacing_z_mm" unit:"mm" doc:"Voxel spacing along z"`
	SizeX             int32   `col:"size_x" unit:"voxel" doc:"Patch size along x"`
	SizeY             int32   `col:"size_y" unit:"voxel" doc:"Patch size along y"`
	SizeZ             int32   `col:"size_z" unit:"voxel" doc:"Patch size along z"`
	Image             []byte  `col:"image" unit:"HU" doc:"Attenuation, int16 little endian, x fastest, padded with -1024"`
	Label             []byte  `col:"label" doc:"Labels, uint8, x fastest: 0 background, 1 lung, 2 infection"`
	HasLabel          bool    `col:"has_label" doc:"Whether the series has a reference of lung and of infection; otherwise the label holds what there is, and 0 says nothing"`
	LungFraction      float32 `col:"lung_fraction" unit:"1" doc:"Share of voxels with label 1 or 2"`
	InfectionFraction float32 `col:"infection_fraction" unit:"1" doc:"Share of voxels with label 2"`
}

// Table implements Record.
func (Patch) Table() string { return "patches" }

// Partition implements Record: the path of a shard says its cohort.
func (Patch) Partition() string { return "" }

// Key implements Record.
func (r Patch) Key() string { return key(r.PatientID, r.SeriesUID, r.Index) }

// Patches returns the Arrow schema of a shard of patches of one size (x, y, z
// in voxels): image and label are FixedSizeBinary, and the schema's metadata
// says how to read them.
func Patches(size [3]int) *arrow.Schema {
	voxels := size[0] * size[1] * size[2]
	return patchSchema(size, &arrow.FixedSizeBinaryType{ByteWidth: 2 * voxels}, &arrow.FixedSizeBinaryType{ByteWidth: voxels})
}

// PatchTensors is Patches with image and label of Arrow's canonical extension
// type arrow.fixed_shape_tensor, of shape z, y, x
// (https://arrow.apache.org/docs/format/CanonicalExtensions.html).
func PatchTensors(size [3]int) *arrow.Schema {
	voxels := int32(size[0] * size[1] * size[2])
	schema := patchSchema(size, arrow.FixedSizeListOf(voxels, arrow.PrimitiveTypes.Int16), arrow.FixedSizeListOf(voxels, arrow.PrimitiveTypes.Uint8))
	fields := schema.Fields()
	for i, f := range fields {
		if f.Type.ID() == arrow.FIXED_SIZE_LIST {
			notes := f.Metadata.ToMap()
			notes["ARROW:extension:name"] = "arrow.fixed_shape_tensor"
			notes["ARROW:extension:metadata"] = fmt.Sprintf(`{"shape":[%d,%d,%d],"dim_names":["z","y","x"]}`, size[2], size[1], size[0])
			fields[i].Metadata = arrow.MetadataFrom(notes)
		}
	}
	metadata := schema.Metadata()
	return arrow.NewSchema(fields, &metadata)
}

func patchSchema(size [3]int, image, label arrow.DataType) *arrow.Schema {
	columns := Columns[Patch]()
	for i, c := range columns {
		switch c.Name {
		case "image":
			columns[i].Type = image
		case "label":
			columns[i].Type = label
		}
	}
	return arrowSchema(columns, map[string]string{
		"table":       "patches",
		"image.dtype": "int16",
		"label.dtype": "uint8",
		"byte_order":  "little",
		"patch_size":  fmt.Sprintf("%d,%d,%d", size[0], size[1], size[2]),
		"axis_order":  "z,y,x (C order)",
	})
}
