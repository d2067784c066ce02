package volume

// nearestAligned copies the nearest voxel, by one table of indices an axis.
func nearestAligned[T Voxel](v, out *Volume[T], axes [3]axis, fill T, workers int) {
	fillOutside(out, axes, fill)
	var at [3][]int
	for c, a := range axes {
		at[c] = make([]int, a.inside.len())
		for i := range at[c] {
			at[c][i] = nearest(a.at[a.inside.from+i], a.n)
		}
	}
	nx, ny := out.Size[0], out.Size[1]
	parallel(len(at[2]), workers, func() func(int) {
		return func(z int) {
			for y, from := range at[1] {
				dst := out.Data[((axes[2].inside.from+z)*ny+axes[1].inside.from+y)*nx+axes[0].inside.from:][:len(at[0])]
				src := v.Data[(at[2][z]*v.Size[1]+from)*v.Size[0]:][:v.Size[0]]
				for x, i := range at[0] {
					dst[x] = src[i]
				}
			}
		}
	})
}
