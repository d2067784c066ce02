package deid

import (
	"strconv"
	"strings"
)

// safeBlock lists elements of one private block that PS3.15 thinks safe: a VR,
// then the low bytes of its elements, with the value multiplicity in brackets
// where it is not 1.
type safeBlock struct {
	creator  string
	group    uint16
	elements string
}

// safeBlocks is PS3.15 Table E.3.10-1 of edition 2026d, 454 of its 479 rows. Bulk
// data (OB, OW), of which the section itself warns, and rows without a VR are left
// out. Compared with pydicom 3.0's private dictionary, which has 207 of the rows:
// two VRs differ, (2001,xx55) and (7E01,xx02), where the standard's are taken.
var safeBlocks = []safeBlock{
	{"ELSCINT1", 0x00E1, `DS 21 50`},                                                            // DLP, acquisition duration
	{"ELSCINT1", 0x01E1, `CS 26`},                                                               // phantom type
	{"ELSCINT1", 0x01F1, `CS 01; DS 07 26 27`},                                                  // acquisition type, table velocity, pitch, rotation time
	{"GEIIS PACS", 0x0903, `US 10 11 12`},                                                       // flags
	{"GEMS_ACQU_01", 0x0019, `DS 23 24 27; LO 9E`},                                              // table speed, mid scan time, rotation speed, pulse sequence
	{"GEMS_HELIOS_01", 0x0045, `FL 02; SS 01`},                                                  // detector rows and their width
	{"GEMS_PARM_01", 0x0043, `DS 6F[3-4]; IS 39[4]; SH 27`},                                     // pitch ratio, b value, table entry
	{"GEMS_SERS_01", 0x0025, `SL 07`},                                                           // images in series
	{"HOLOGIC, Inc.", 0x7E01, `LO 01; SH 02; SQ 10 11`},                                         // codec version and type, data sequences
	{"NQHeader", 0x0099, `FL 10 21; LT 05; SH 20; SS 04; UI 01 02`},                             // NeuroQuant: version, series, result
	{"NQLeft", 0x0199, `FL 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16`},  // volumes of structures, left
	{"NQRight", 0x0299, `FL 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16`}, // and right
	{"Philips Imaging DD 001", 0x2001, `
		AT D0[1-n];
		CS 04 06 07 0B 0C 0E 10 12 19 1C 1E 1F 21 24 26 27 2A 2B 2E 33 34 36 37 3A 3F 40 42 46 4A 4B 4C 4D 4E 53 56 57 61 62 63 67 71 77 8C[0-n] A1 DA F3 F5;
		DS 23 74[1-n] 75[1-n] 83 84 85 88 89 8A;
		FD 4F C2;
		FL 01 03 09 11 1A[3] 1B 22 28 29 2C 2F 32 38 39 3B[4] 3C[2] 3E[2] 41 47 54 7A F1[6] F2[1-n];
		IS 02 08 0A 1D 43[2] 44[2] 45[2] 49 51 59 72[2] 7B 81 82 86 CB;
		LO 50 6D 80 90 91 92 93 94 9D C1 F7[0-n];
		SH 25 64 6E 87 8B;
		SL 13 14 17 18 60;
		SQ 5F[1-n] 65[1-n] 66[1-n] 68[1-n] 69[1-n] 6A[1-n] 6B[1-n] 6F[1-n] 73[1-n] 79[1-n] 9A[1-n] C5[0-1] C6[0-1] C7[0-1] CA E9[0-n] F9[0-n] FB[0-1] FC[0-1] FD[0-n];
		SS 05 0F 15 16 2D 35 48;
		ST 5A 5D 5E;
		UL 30 3D 55 58 76 7C 9B A3 A4 A5 C0 C3 DF F4 F6;
		US 31 7E 7F 9F[2] A2 D1[1-n] D2 D3 D4 D5 D6 D7 D8 D9 DB DC DD DE`}, // acquisition, display, graphics
	{"Philips Imaging DD 002", 0x2001, `
		CS 03 07 0D 12 18 39 50 53 65 66 71;
		FD 02 05 08 09 0A 0B 0E 14 15 16 17 19 1A 1B 1C 1D 1E 1F 20 21 22 23 24 25 26 27 2C 2D 35 36 37 38;
		FL 72[2] 73[2];
		LO 52 5A 5C 67 68 6B[0-n] 74;
		SQ 3A 3B[0-n] 3C[1-n] 3D[0-1] 57[0-1] 58[0-1] 5F[0-1] 64[0-1];
		SS 04 10 11 13 2B 2E 2F 30 31 32 33 34 3E 3F 40 75[0-n];
		ST 63;
		UL 5D 5E;
		US 01 06 0C 0F 28 29 2A`}, // image processing, workflow
	{"Philips Imaging DD 097", 0x2001, `
		CS A1[1-2];
		FD 02[3] 03[2] 04[6] 07 0D 0F[2] 1A 1C[3] 1D[3] 1E[4-n] 1F[2-n] 22 23 24 25 26 27 2B[3] 2C[3] 37[3] 38[9] 39 3A[2] 3B[2] 3D[1-n] A2[3] A3[9] A4[2] A5[1-n] AA[1-n];
		IS A8[1-n] AB;
		LO 19 28 2A 36 41 44 46 4C;
		SL 30[3] 31[3] 32[2] 45 4B;
		SQ 01 05[1-n] 06[0-n] 08 0A[1-n] 0B 0E[0-n] 12 2E[0-1] 3C 3E[0-n] 42[0-n] 49 A9[0-n];
		UL 1B 21 2D 40;
		US 17 18 A6`}, // volumes, meshes, views
	{"Philips Imaging DD 129", 0x2001, `CS 07 08; FD 05[4] 06; SQ 00 01 02[0-1] 04[1-n]; UL 03 09`},  // presentation planes
	{"Philips MR Imaging DD 001", 0x2005, `FL 0D 0E`},                                                // scale intercept and slope
	{"Philips PET Private Group", 0x7053, `DS 00 09`},                                                // SUV and activity concentration factors
	{"SIEMENS MR HEADER", 0x0019, `CS 0D; FD 0E[3] 27[6]; IS 0C`},                                    // diffusion
	{"SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING", 0x7FD1, `UI 09`},                              // versions
	{"SIEMENS Ultrasound SC2000", 0x0119, `IS 13; LO 00; SH 10 21; SQ 02 03; SS 09; UL 05 06 07 08`}, // acoustic streams
	{"SIEMENS Ultrasound SC2000", 0x0129, `CS 30; SQ 00 06 09 11 20; UI 02 07 12`},                   // views, bookmarks, cine
	{"SIEMENS Ultrasound SC2000", 0x0139, `SL 01`},                                                   // region
	{"SIEMENS Ultrasound SC2000", 0x0149, `FD 01[1-n] 02[1-n] 03[1-n]`},                              // strips
	{"SIEMENS Ultrasound SC2000", 0x7FD1, `UI 09`},                                                   // versions
}

// safeKey names a private element wherever its block lies: (group,xx element).
type safeKey struct {
	creator string
	group   uint16
	element uint8
}

// safeElement is the form that values of a safe private element have.
type safeElement struct {
	vr       string
	min, max int // how many values; max 0 is any number
}

// safePrivate is safeBlocks to look elements up in.
var safePrivate = readSafe(safeBlocks)

func readSafe(blocks []safeBlock) map[safeKey]safeElement {
	out := map[safeKey]safeElement{}
	for _, b := range blocks {
		for _, line := range strings.Split(b.elements, ";") {
			fields := strings.Fields(line)
			for _, f := range fields[1:] {
				number, vm, _ := strings.Cut(strings.TrimSuffix(f, "]"), "[")
				element, err := strconv.ParseUint(number, 16, 8)
				if err != nil {
					panic("deid: safe private element " + f)
				}
				key := safeKey{b.creator, b.group, uint8(element)}
				out[key] = safeElement{vr: fields[0], min: 1, max: 1}
				if from, to, ok := strings.Cut(vm, "-"); vm != "" {
					least, _ := strconv.Atoi(from)
					most, _ := strconv.Atoi(to) // 0 for n
					if !ok {
						most = least
					}
					out[key] = safeElement{fields[0], least, most}
				}
			}
		}
	}
	return out
}
