package model

// flipped is a network that answers with the mean of its probabilities for a
// window and for its mirror images, mirrored back: test-time augmentation along
// one or more axes, with every combination of them, as nnU-Net's (Isensee et
// al., 2021).
type flipped struct {
	Network
	mirrors [][3]bool // the combinations of axes, the first is none
}

// flip returns n with mirror images along the axes x, y and z, 2 to 8 calls of n
// for one, or n itself where no axis is asked for.
func flip(n Network, axes [3]bool) Network {
	mirrors := [][3]bool{{}}
	for a, wanted := range axes {
		if !wanted {
			continue
		}
		for _, m := range mirrors {
			m[a] = true
			mirrors = append(mirrors, m)
		}
	}
	if len(mirrors) == 1 {
		return n
	}
	return flipped{n, mirrors}
}

func (f flipped) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	share := 1 / float32(len(f.mirrors))
	var mean []float32
	for _, m := range f.mirrors {
		p, err := f.Network.Run(mirrored(hu, size, m), batch, size)
		if err != nil {
			return nil, err
		}
		p = mirrored(p, size, m)
		if mean == nil {
			mean = make([]float32, len(p))
		}
		for i := range mean {
			mean[i] += share * p[i]
		}
	}
	return mean, nil
}

// mirrored returns volumes of one size, one after another, each mirrored along
// some axes; data itself where there is none.
func mirrored(data []float32, size [3]int, axes [3]bool) []float32 {
	if axes == [3]bool{} {
		return data
	}
	out := make([]float32, len(data))
	rows := len(data) / size[0]
	for r := range rows {
		y, z := r%size[1], r/size[1]%size[2]
		if axes[1] {
			y = size[1] - 1 - y
		}
		if axes[2] {
			z = size[2] - 1 - z
		}
		volume := r / (size[1] * size[2])
		from, to := data[r*size[0]:][:size[0]], out[((volume*size[2]+z)*size[1]+y)*size[0]:][:size[0]]
		if !axes[0] {
			copy(to, from)
			continue
		}
		for x, v := range from {
			to[len(to)-1-x] = v
		}
	}
	return out
}
