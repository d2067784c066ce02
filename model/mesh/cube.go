package mesh

import "sync"

// Corner c of a cube lies at (c&1, c>>1&1, c>>2&1). Its edges are named by their
// lower corner and their axis.
type cubeEdge struct{ corner, axis int }

// faces are the corners of the six faces, anticlockwise seen from outside.
var faces = [6][4]int{{0, 4, 6, 2}, {1, 3, 7, 5}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 2, 3, 1}, {4, 5, 7, 6}}

// cubes says for each pattern of corners inside (bit c for corner c) which
// triangles, by the edges that their corners lie on, cut them off.
//
// On a face with two inside corners opposite each other, the two are held
// apart. The rule looks at the face alone, so that the two cubes at a face agree
// and the surface is closed, which the table of Lorensen and Cline (SIGGRAPH
// 1987) does not grant.
var cubes = sync.OnceValue(func() (table [256][][3]cubeEdge) {
	for inside := range table {
		for _, loop := range loops(inside) {
			table[inside] = append(table[inside], triangulate(loop)...)
		}
	}
	return table
})

// between returns the edge between two neighbouring corners.
func between(a, b int) cubeEdge {
	return cubeEdge{min(a, b), map[int]int{1: 0, 2: 1, 4: 2}[a^b]}
}

// loops returns the closed lines in which the surface cuts the faces of a cube.
func loops(inside int) (out [][]cubeEdge) {
	in := func(corner int) bool { return inside>>corner&1 == 1 }
	next := map[cubeEdge]cubeEdge{}
	var order []cubeEdge
	for _, f := range faces {
		for i := range 4 { // a run of inside corners begins at corner i and ends at corner k
			if !in(f[i]) || in(f[(i+3)%4]) {
				continue
			}
			k := i
			for in(f[(k+1)%4]) {
				k = (k + 1) % 4
			}
			from := between(f[(i+3)%4], f[i])
			next[from] = between(f[k], f[(k+1)%4])
			order = append(order, from)
		}
	}
	seen := map[cubeEdge]bool{}
	for _, first := range order {
		var loop []cubeEdge
		for e := first; !seen[e]; e = next[e] {
			seen[e] = true
			loop = append(loop, e)
		}
		if loop != nil {
			out = append(out, loop)
		}
	}
	return out
}

// triangulate cuts a loop into triangles without a line that lies in a face,
// where the neighbouring cube might draw the same one.
func triangulate(loop []cubeEdge) [][3]cubeEdge {
	n := len(loop)
	if n < 3 {
		return nil
	}
	allowed := func(i, k int) bool {
		return k-i == 1 || k-i == n-1 || !shareFace(loop[i], loop[k])
	}
	var cut func(i, k int) ([][3]cubeEdge, bool) // the part of the loop from i to k
	cut = func(i, k int) ([][3]cubeEdge, bool) {
		if k-i < 2 {
			return nil, true
		}
		for m := i + 1; m < k; m++ {
			if !allowed(i, m) || !allowed(m, k) {
				continue
			}
			before, ok := cut(i, m)
			if !ok {
				continue
			}
			if after, ok := cut(m, k); ok {
				return append(append(before, [3]cubeEdge{loop[i], loop[m], loop[k]}), after...), true
			}
		}
		return nil, false
	}
	triangles, ok := cut(0, n-1)
	if !ok {
		panic("mesh: a loop that cannot be cut without a line in a face")
	}
	return triangles
}

func shareFace(a, b cubeEdge) bool {
	for _, f := range faces {
		if onFace(a, f) && onFace(b, f) {
			return true
		}
	}
	return false
}

func onFace(e cubeEdge, f [4]int) bool {
	found := 0
	for _, corner := range f {
		if corner == e.corner || corner == e.corner+1<<e.axis {
			found++
		}
	}
	return found == 2
}
