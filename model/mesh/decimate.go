package mesh

import (
	"cmp"
	"container/heap"
	"slices"
)

// decimate collapses edges, those first that move the surface least, until it
// has at most so many triangles: Garland and Heckbert, "Surface simplification
// using quadric error metrics" (SIGGRAPH 1997). A collapse that would turn a
// triangle over or join what is apart is not done, so the surface stays closed.
func (m *Mesh) decimate(triangles int) {
	if len(m.Triangles) <= triangles {
		return
	}
	d := newDecimation(m)
	for d.left > triangles && len(d.queue) > 0 {
		c := heap.Pop(&d.queue).(collapse)
		if c.current(d) && d.possible(c) {
			d.collapse(c)
		}
	}
	d.gather(m)
}

type decimation struct {
	at        []vector
	error     []quadric
	around    [][]int32 // triangles of each vertex
	version   []int32   // of each vertex; -1 once it is gone
	triangles [][3]int32
	gone      []bool // of the triangles
	left      int
	queue     collapses
}

// collapse is an edge with the place where its two ends would meet.
type collapse struct {
	cost     float64
	a, b     int32
	to       vector
	versions [2]int32 // of a and b when the cost was found
}

func (c collapse) current(d *decimation) bool {
	return d.version[c.a] == c.versions[0] && d.version[c.b] == c.versions[1]
}

func newDecimation(m *Mesh) *decimation {
	d := &decimation{
		at: make([]vector, len(m.Vertices)), error: make([]quadric, len(m.Vertices)), around: make([][]int32, len(m.Vertices)),
		version: make([]int32, len(m.Vertices)), triangles: slices.Clone(m.Triangles), gone: make([]bool, len(m.Triangles)), left: len(m.Triangles),
	}
	for i, v := range m.Vertices {
		d.at[i] = double(v)
	}
	for i, t := range d.triangles {
		q := planeQuadric(d.at[t[0]], d.at[t[1]], d.at[t[2]])
		for _, v := range t {
			d.error[v].add(q)
			d.around[v] = append(d.around[v], int32(i))
		}
	}
	for _, t := range d.triangles {
		for i := range t {
			if a, b := t[i], t[(i+1)%3]; a < b { // its other triangle has b before a
				d.queue = append(d.queue, d.collapseOf(a, b))
			}
		}
	}
	heap.Init(&d.queue)
	return d
}

func (d *decimation) collapseOf(a, b int32) collapse {
	q := d.error[a]
	q.add(d.error[b])
	c := collapse{a: min(a, b), b: max(a, b)}
	c.versions = [2]int32{d.version[c.a], d.version[c.b]}
	middle := d.at[a].plus(d.at[b]).times(0.5)
	best, ok := q.least()
	if reach := d.at[a].minus(d.at[b]).length(); ok && best.minus(middle).length() <= 2*reach {
		c.to, c.cost = best, q.at(best)
		return c
	}
	c.to, c.cost = middle, q.at(middle)
	for _, end := range []vector{d.at[c.a], d.at[c.b]} {
		if e := q.at(end); e < c.cost {
			c.to, c.cost = end, e
		}
	}
	return c
}

// possible says whether a collapse leaves a closed surface without folds.
func (d *decimation) possible(c collapse) bool {
	na, nb := d.neighbours(c.a), d.neighbours(c.b)
	common := 0
	for _, v := range na {
		if _, both := slices.BinarySearch(nb, v); both {
			if common++; len(d.around[v]) <= 3 {
				return false
			}
		}
	}
	return common == 2 && !(len(na) == 3 && len(nb) == 3) && !d.folds(c.a, c.b, c.to) && !d.folds(c.b, c.a, c.to)
}

// folds says whether moving v turns one of its triangles that lack the other end.
func (d *decimation) folds(v, other int32, to vector) bool {
	for _, i := range d.around[v] {
		t := d.triangles[i]
		if slices.Contains(t[:], other) {
			continue
		}
		var before, after [3]vector
		for k, w := range t {
			before[k], after[k] = d.at[w], d.at[w]
			if w == v {
				after[k] = to
			}
		}
		n := cross(before[1].minus(before[0]), before[2].minus(before[0]))
		o := cross(after[1].minus(after[0]), after[2].minus(after[0]))
		if dot(n, o) < 0.25*n.length()*o.length() || o.length() < 1e-3*n.length() {
			return true
		}
	}
	return false
}

// neighbours returns the vertices at the other ends of v's edges, in order.
func (d *decimation) neighbours(v int32) []int32 {
	out := make([]int32, 0, 2*len(d.around[v]))
	for _, i := range d.around[v] {
		for _, w := range d.triangles[i] {
			if w != v {
				out = append(out, w)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// collapse moves both ends of an edge to one place, where a stays.
func (d *decimation) collapse(c collapse) {
	d.at[c.a] = c.to
	d.error[c.a].add(d.error[c.b])
	d.version[c.b] = -1
	d.version[c.a]++
	for _, i := range d.around[c.b] {
		t := &d.triangles[i]
		if slices.Contains(t[:], c.a) {
			d.gone[i] = true
			d.left--
			for _, v := range t {
				if v != c.b {
					d.around[v] = slices.DeleteFunc(d.around[v], func(k int32) bool { return k == i })
				}
			}
			continue
		}
		t[slices.Index(t[:], c.b)] = c.a
		d.around[c.a] = append(d.around[c.a], i)
	}
	d.around[c.b] = nil
	for _, v := range d.neighbours(c.a) {
		heap.Push(&d.queue, d.collapseOf(c.a, v))
	}
}

// gather writes what is left back to the mesh.
func (d *decimation) gather(m *Mesh) {
	name := make([]int32, len(d.at))
	m.Vertices, m.Triangles = m.Vertices[:0], m.Triangles[:0]
	for i, version := range d.version {
		if version >= 0 {
			name[i] = int32(len(m.Vertices))
			m.Vertices = append(m.Vertices, d.at[i].single())
		}
	}
	for i, t := range d.triangles {
		if !d.gone[i] {
			m.Triangles = append(m.Triangles, [3]int32{name[t[0]], name[t[1]], name[t[2]]})
		}
	}
}

// collapses is a heap of edges, the cheapest first.
type collapses []collapse

func (q collapses) Len() int      { return len(q) }
func (q collapses) Swap(i, k int) { q[i], q[k] = q[k], q[i] }
func (q collapses) Less(i, k int) bool {
	return cmp.Or(cmp.Compare(q[i].cost, q[k].cost), cmp.Compare(q[i].a, q[k].a), cmp.Compare(q[i].b, q[k].b)) < 0
}
func (q *collapses) Push(x any) { *q = append(*q, x.(collapse)) }
func (q *collapses) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
