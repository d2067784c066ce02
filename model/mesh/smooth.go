package mesh

// Taubin's two steps: what the first shrinks, the second swells ("A signal
// processing approach to fair surface design", SIGGRAPH 1995).
const (
	shrink = 0.5
	swell  = -0.53
)

// smooth takes the steps of the grid out of the surface and keeps its volume.
func (m *Mesh) smooth(rounds int) {
	for range rounds {
		m.relax(shrink)
		m.relax(swell)
	}
}

// relax moves each vertex by a share of the way to the mean of its neighbours.
// In a closed surface each neighbour is met twice, so all weigh the same.
func (m *Mesh) relax(share float64) {
	sums, count := make([]vector, len(m.Vertices)), make([]float64, len(m.Vertices))
	for _, t := range m.Triangles {
		for i := range t {
			a, b := t[i], t[(i+1)%3]
			sums[a], sums[b] = sums[a].plus(double(m.Vertices[b])), sums[b].plus(double(m.Vertices[a]))
			count[a]++
			count[b]++
		}
	}
	for i, v := range m.Vertices {
		if count[i] > 0 {
			from := double(v)
			m.Vertices[i] = from.plus(sums[i].times(1 / count[i]).minus(from).times(share)).single()
		}
	}
}
