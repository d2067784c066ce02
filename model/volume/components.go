package volume

import "fmt"

// Components finds the connected components of a mask: ids has 0 where the mask
// is false and 1…n elsewhere, numbered by each component's first voxel in scan
// order; sizes[i-1] counts the voxels of component i. connectivity is 6 (voxels
// that share a face) or 26 (a face, an edge or a corner).
//
// It joins runs along x with union-find (Rosenfeld and Pfaltz, 1966; by runs, as
// He, Chao and Suzuki, 2008), in time linear in the voxels.
func Components(mask []bool, size [3]int, connectivity int) (ids []int32, sizes []int) {
	nx, ny, nz := size[0], size[1], size[2]
	if nx < 0 || ny < 0 || nz < 0 || len(mask) != nx*ny*nz {
		panic(fmt.Sprintf("volume: mask of %d voxels in a grid of %v", len(mask), size))
	}
	var reach int32 // how far along x two runs in neighbouring rows may be apart
	var before [][2]int
	switch connectivity {
	case 6:
		before = [][2]int{{-1, 0}, {0, -1}} // rows already seen, as (dy, dz)
	case 26:
		reach, before = 1, [][2]int{{-1, 0}, {-1, -1}, {0, -1}, {1, -1}}
	default:
		panic(fmt.Sprintf("volume: connectivity %d, want 6 or 26", connectivity))
	}

	f := forest{}
	rows := make([]int, ny*nz+1) // runs of row r are rows[r] to rows[r+1]
	for r := range ny * nz {
		f.addRow(mask[r*nx : (r+1)*nx])
		rows[r+1] = len(f.runs)
		y, z := r%ny, r/ny
		for _, d := range before {
			if y+d[0] < 0 || y+d[0] >= ny || z+d[1] < 0 {
				continue
			}
			other := r + d[1]*ny + d[0]
			f.join(rows[r], rows[r+1], rows[other], rows[other+1], reach)
		}
	}

	ids = make([]int32, len(mask))
	names := make([]int32, len(f.runs)) // of roots, which are the first run of each component
	for r := range ny * nz {
		row := ids[r*nx : (r+1)*nx]
		for i := rows[r]; i < rows[r+1]; i++ {
			root := f.root(int32(i))
			if names[root] == 0 {
				sizes = append(sizes, 0)
				names[root] = int32(len(sizes))
			}
			id, run := names[root], f.runs[i]
			sizes[id-1] += int(run.end - run.start)
			for x := run.start; x < run.end; x++ {
				row[x] = id
			}
		}
	}
	return ids, sizes
}

type run struct{ start, end int32 } // voxels start to end-1 of a row

type forest struct {
	runs   []run
	parent []int32 // never larger than the run's own number
}

func (f *forest) addRow(row []bool) {
	for x := 0; x < len(row); x++ {
		if !row[x] {
			continue
		}
		start := x
		for x < len(row) && row[x] {
			x++
		}
		f.parent = append(f.parent, int32(len(f.runs)))
		f.runs = append(f.runs, run{int32(start), int32(x)})
	}
}

func (f *forest) root(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

// join unites the runs a to aEnd of one row with those of another that touch them.
func (f *forest) join(a, aEnd, b, bEnd int, reach int32) {
	for a < aEnd && b < bEnd {
		ra, rb := f.runs[a], f.runs[b]
		if ra.start < rb.end+reach && rb.start < ra.end+reach {
			if x, y := f.root(int32(a)), f.root(int32(b)); x < y {
				f.parent[y] = x
			} else {
				f.parent[x] = y
			}
		}
		if ra.end < rb.end {
			a++
		} else {
			b++
		}
	}
}
