package model

// Network is a segmentation network ready to run. Run may be called from many
// goroutines at once; how many of them compute at the same time is the
// implementation's to say.
type Network interface {
	Spec() Spec
	// Run takes batch windows of size (x, y, z) in HU, one after another, and
	// returns the probability of each class: [batch, class, z, y, x]. It keeps
	// neither slice.
	Run(hu []float32, batch int, size [3]int) ([]float32, error)
}
