package mesh

import "ctcohort/model/volume"

// level is the share at which the surface stands.
const level = 0.5

// march returns the surface of the cells whose share is above one half, by
// marching cubes. The cells at the border of the grid must be 0.
func march(share *volume.Volume[float32]) *Mesh {
	m := &Mesh{}
	table := cubes()
	at := map[[2]int]int32{} // the vertex on an edge: index of its lower cell, and axis
	step := [3]int{1, share.Size[0], share.Size[0] * share.Size[1]}
	var offset [8]int
	for c := range offset {
		offset[c] = c&1 + c>>1&1*step[1] + c>>2&1*step[2]
	}
	for z := range max(0, share.Size[2]-1) {
		for y := range max(0, share.Size[1]-1) {
			for x := range max(0, share.Size[0]-1) {
				cell := x + y*step[1] + z*step[2]
				inside := 0
				for c, o := range offset {
					if share.Data[cell+o] > level {
						inside |= 1 << c
					}
				}
				for _, triangle := range table[inside] {
					var t [3]int32
					for i, e := range triangle {
						key := [2]int{cell + offset[e.corner], e.axis}
						v, ok := at[key]
						if !ok {
							v = int32(len(m.Vertices))
							at[key] = v
							p := [3]float64{float64(x + e.corner&1), float64(y + e.corner>>1&1), float64(z + e.corner>>2&1)}
							p[e.axis] += crossing(share.Data[key[0]], share.Data[key[0]+step[e.axis]])
							m.Vertices = append(m.Vertices, vector(share.Point(p[0], p[1], p[2])).single())
						}
						t[i] = v
					}
					m.Triangles = append(m.Triangles, t)
				}
			}
		}
	}
	if d := share.Direction; dot(vector{d[0], d[3], d[6]}, cross(vector{d[1], d[4], d[7]}, vector{d[2], d[5], d[8]})) < 0 {
		for i, t := range m.Triangles {
			m.Triangles[i] = [3]int32{t[0], t[2], t[1]}
		}
	}
	return m
}

// crossing returns where between two cells, 0 to 1, the share is at the level;
// not quite at either, so that no triangle shrinks to a point.
func crossing(a, b float32) float64 {
	return max(0.05, min(0.95, float64((level-a)/(b-a))))
}
