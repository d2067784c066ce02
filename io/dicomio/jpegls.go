package dicomio

import (
	"encoding/binary"
	"math/bits"
)

// JPEG-LS markers, their second byte.
const (
	markerSOF55 = 0xF7
	markerLSE   = 0xF8
)

// jpegLS decodes a JPEG-LS image (ISO/IEC 14495-1) of one component, lossless
// or near-lossless. Names of variables are the standard's.
type jpegLS struct {
	maxval, near, reset int
	t1, t2, t3          int
	rng, qbpp, limit    int
	regions             []int8 // of gradients, from −maxval on

	contexts [367]lsContext // 0 unused, 365 and 366 of run interruption
	nn       [2]int         // negative errors in run interruption
	runIndex int
	bits     lsReader
}

type lsContext struct{ a, b, c, n int }

var lsRunOrder = [32]uint{
	0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
}

// decodeJPEGLS decodes one frame.
func decodeJPEGLS(data []byte, rows, columns int) ([]uint16, error) {
	j := jpegImage{data: data} // whose marker syntax JPEG-LS shares
	if marker, _, err := j.next(); err != nil || marker != markerSOI {
		return nil, badPixels("JPEG-LS: no start of image")
	}
	var preset [5]int // MAXVAL, T1, T2, T3, RESET; 0 for the default
	precision := 0
	for {
		marker, s, err := j.next()
		if err != nil {
			return nil, err
		}
		switch marker {
		case markerSOF55:
			if len(s) < 6 || s[0] < 2 || s[0] > 16 {
				return nil, badPixels("JPEG-LS: frame header outside the standard")
			}
			if s[5] != 1 {
				return nil, &Error{Code: UnsupportedPixels, Detail: "JPEG-LS of more than one component"}
			}
			precision = int(s[0])
			if int(binary.BigEndian.Uint16(s[1:])) != rows || int(binary.BigEndian.Uint16(s[3:])) != columns {
				return nil, badPixels("JPEG-LS: frame size is not rows × columns")
			}
		case markerLSE:
			if len(s) < 11 || s[0] != 1 {
				return nil, &Error{Code: UnsupportedCodec, Detail: "JPEG-LS with mapping tables"}
			}
			for i := range preset {
				preset[i] = int(binary.BigEndian.Uint16(s[1+2*i:]))
			}
		case markerDRI:
			return nil, &Error{Code: UnsupportedCodec, Detail: "JPEG-LS with restart markers"}
		case markerEOI:
			return nil, badPixels("JPEG-LS: no scan")
		case markerSOS:
			if precision == 0 || len(s) < 6 || s[0] != 1 {
				return nil, badPixels("JPEG-LS: scan does not fit the frame")
			}
			d, err := newJPEGLS(precision, int(s[3]), preset)
			if err != nil {
				return nil, err
			}
			d.bits.data = data[j.pos:]
			return d.scan(rows, columns, uint(s[5]&0x0F))
		}
	}
}

// newJPEGLS sets the coding parameters (A.2.1, C.2.4.1.1).
func newJPEGLS(precision, near int, preset [5]int) (*jpegLS, error) {
	d := &jpegLS{maxval: 1<<precision - 1, near: near, reset: 64}
	if preset[0] != 0 {
		d.maxval = preset[0]
	}
	if d.maxval >= 1<<precision || near > min(255, d.maxval/2) {
		return nil, badPixels("JPEG-LS: parameters outside the standard")
	}
	d.thresholds()
	for i, t := range []*int{&d.t1, &d.t2, &d.t3, &d.reset} {
		if preset[i+1] != 0 {
			*t = preset[i+1]
		}
	}
	if d.t1 < near+1 || d.t2 < d.t1 || d.t3 < d.t2 || d.t3 > d.maxval || d.reset < 3 {
		return nil, badPixels("JPEG-LS: parameters outside the standard")
	}
	d.rng = (d.maxval+2*near)/(2*near+1) + 1
	d.qbpp = bits.Len(uint(d.rng - 1))
	bpp := max(2, bits.Len(uint(d.maxval)))
	d.limit = 2 * (bpp + max(8, bpp))
	for i := range d.contexts {
		d.contexts[i] = lsContext{a: max(2, (d.rng+32)/64), n: 1}
	}
	d.regions = make([]int8, 2*d.maxval+1)
	for i := range d.regions {
		d.regions[i] = d.region(i - d.maxval)
	}
	return d, nil
}

func (d *jpegLS) thresholds() {
	clamp := func(v, low int) int {
		if v > d.maxval || v < low {
			return low
		}
		return v
	}
	if d.maxval >= 128 {
		f := (min(d.maxval, 4095) + 128) / 256
		d.t1 = clamp(f+2+3*d.near, d.near+1)
		d.t2 = clamp(4*f+3+5*d.near, d.t1)
		d.t3 = clamp(17*f+4+7*d.near, d.t2)
		return
	}
	f := 256 / (d.maxval + 1)
	d.t1 = clamp(max(2, 3/f+3*d.near), d.near+1)
	d.t2 = clamp(max(3, 7/f+5*d.near), d.t1)
	d.t3 = clamp(max(4, 21/f+7*d.near), d.t2)
}

func (d *jpegLS) scan(rows, columns int, point uint) ([]uint16, error) {
	pixels := make([]uint16, rows*columns)
	// Lines carry one sample before the first and one after the last.
	above, line := make([]int, columns+2), make([]int, columns+2)
	for y := range rows {
		above[columns+1] = above[columns]
		line[0] = above[1]
		if err := d.line(above, line); err != nil {
			return nil, err
		}
		row := pixels[y*columns:][:columns]
		for x := range row {
			row[x] = uint16(line[x+1]) << point
		}
		above, line = line, above
	}
	return pixels, nil
}

// line decodes the samples line[1] to line[len-2].
func (d *jpegLS) line(above, line []int) error {
	end := len(line) - 1
	above = above[:len(line)]
	regions, zero := d.regions, d.maxval
	ra, rb, rc := line[0], above[1], above[0]
	q2 := int(regions[zero+rb-rc])
	for x := 1; x < end; {
		rd := above[x+1]
		q1 := int(regions[zero+rd-rb])
		q := 81*q1 + 9*q2 + int(regions[zero+rc-ra])
		if q != 0 {
			ra = d.regular(q, ra, rb, rc)
			line[x] = ra
			x++
			rc, rb, q2 = rb, rd, q1 // the gradient from b to d is that from c to b of the next sample
			continue
		}
		n := d.run(end - x)
		for range n {
			line[x] = ra
			x++
		}
		if x < end {
			ra = d.interruption(ra, above[x])
			line[x] = ra
			x++
		}
		if x < end {
			rb, rc = above[x], above[x-1]
			q2 = int(regions[zero+rb-rc])
		}
	}
	if d.bits.short() {
		return badPixels("JPEG-LS: scan too short")
	}
	return nil
}

// region returns the region of a gradient, −4 to 4 (A.3.3).
func (d *jpegLS) region(g int) int8 {
	switch {
	case g <= -d.t3:
		return -4
	case g <= -d.t2:
		return -3
	case g <= -d.t1:
		return -2
	case g < -d.near:
		return -1
	case g <= d.near:
		return 0
	case g < d.t1:
		return 1
	case g < d.t2:
		return 2
	case g < d.t3:
		return 3
	}
	return 4
}

// regular decodes a sample in regular mode (A.4 to A.6).
func (d *jpegLS) regular(q, ra, rb, rc int) int {
	sign := q >> 63 // −1 for a negative context, whose mirror image is used
	ctx := &d.contexts[(q^sign)-sign]
	px := max(min(ra, rb), min(max(ra, rb), ra+rb-rc)) // the median
	px = max(0, min(d.maxval, px+(ctx.c^sign)-sign))
	k := golombParameter(ctx.n, ctx.a)
	m := d.bits.golomb(k, d.limit, d.qbpp)
	e := m>>1 ^ -(m & 1)
	if d.near == 0 && k == 0 && 2*ctx.b <= -ctx.n {
		e = ^e
	}
	ctx.update(e, d.near, d.reset)
	return d.reconstruct(px, (e^sign)-sign)
}

// golombParameter returns the least k with n·2ᵏ ≥ a (A.5.1).
func golombParameter(n, a int) uint {
	k := uint(max(0, bits.Len(uint(a))-bits.Len(uint(n))))
	if n<<k < a {
		k++
	}
	return k
}

// update adapts a context to an error (A.6.1, A.6.2).
func (c *lsContext) update(e, near, reset int) {
	c.b += e * (2*near + 1)
	c.a += max(e, -e)
	if c.n == reset {
		c.a >>= 1
		c.b >>= 1 // as −((1−b)>>1) for negative b, which it equals
		c.n >>= 1
	}
	c.n++
	switch {
	case c.b <= -c.n:
		c.c = max(-128, c.c-1)
		c.b = max(c.b+c.n, 1-c.n)
	case c.b > 0:
		c.c = min(127, c.c+1)
		c.b = min(c.b-c.n, 0)
	}
}

// reconstruct adds an error to a prediction, modulo the range (A.4.5, A.8).
func (d *jpegLS) reconstruct(px, e int) int {
	step := 2*d.near + 1
	v := px + e*step
	switch {
	case v < -d.near:
		v += d.rng * step
	case v > d.maxval+d.near:
		v -= d.rng * step
	}
	return max(0, min(d.maxval, v))
}

// run decodes the length of a run of at most left samples (A.7.1).
func (d *jpegLS) run(left int) int {
	n := 0
	for d.bits.bit() == 1 {
		m := 1 << lsRunOrder[d.runIndex]
		if n+m > left {
			return left
		}
		n += m
		d.runIndex = min(31, d.runIndex+1)
		if n == left {
			return n
		}
	}
	return min(left, n+d.bits.take(lsRunOrder[d.runIndex]))
}

// interruption decodes the sample that ends a run (A.7.2).
func (d *jpegLS) interruption(ra, rb int) int {
	kind, px, sign := 0, rb, 1
	if diff := ra - rb; diff <= d.near && diff >= -d.near {
		kind, px = 1, ra
	} else if diff > 0 {
		sign = -1
	}
	ctx, nn := &d.contexts[365+kind], &d.nn[kind]
	temp := ctx.a
	if kind == 1 {
		temp += ctx.n >> 1
	}
	k := golombParameter(ctx.n, temp)
	m := d.bits.golomb(k, d.limit-int(lsRunOrder[d.runIndex])-1, d.qbpp)
	odd := (m + kind) & 1
	e := (m + kind + odd) / 2
	if (k != 0 || 2**nn >= ctx.n) == (odd == 1) {
		e = -e
	}
	if e < 0 {
		*nn++
	}
	ctx.a += (m + 1 - kind) >> 1
	if ctx.n == d.reset {
		ctx.a >>= 1
		ctx.n >>= 1
		*nn >>= 1
	}
	ctx.n++
	d.runIndex = max(0, d.runIndex-1)
	return d.reconstruct(px, sign*e)
}

// lsReader reads bits; a byte after 0xFF has seven, its first being stuffed.
// Past a marker or the end it gives zeros, and counts them.
type lsReader struct {
	data  []byte
	pos   int
	acc   uint64
	n     uint
	zeros int
}

// fill makes at least 56 bits valid.
func (r *lsReader) fill() {
	if r.pos > 0 && r.pos+8 <= len(r.data) && r.data[r.pos-1] != 0xFF {
		w := binary.BigEndian.Uint64(r.data[r.pos:])
		if inv := ^w; (inv-0x0101010101010101)&w&0x8080808080808080 == 0 { // no byte is 0xFF
			r.acc |= w >> r.n
			take := (64 - r.n) >> 3
			r.pos += int(take)
			r.n += take * 8
			r.acc &= ^uint64(0) << (64 - r.n)
			return
		}
	}
	for r.n <= 56 {
		width := uint(8)
		if r.pos > 0 && r.pos <= len(r.data) && r.data[r.pos-1] == 0xFF {
			width = 7
		}
		var c byte
		if r.pos < len(r.data) && (width == 8 && !r.marker() || width == 7 && r.data[r.pos] < 0x80) {
			c = r.data[r.pos]
			r.pos++
		} else {
			width = 8
			r.zeros += 8
		}
		r.acc |= uint64(c) << (64 - width - r.n)
		r.n += width
	}
}

// marker says whether the next two bytes are one.
func (r *lsReader) marker() bool {
	return r.data[r.pos] == 0xFF && (r.pos+1 >= len(r.data) || r.data[r.pos+1] >= 0x80)
}

func (r *lsReader) short() bool { return r.zeros > int(r.n) }

func (r *lsReader) bit() int { return r.take(1) }

// take returns the next n ≤ 32 bits.
func (r *lsReader) take(n uint) int {
	if r.n < n {
		r.fill()
	}
	v := int(r.acc >> 1 >> (63 - n))
	r.acc <<= n
	r.n -= n
	return v
}

// golomb decodes a limited-length Golomb code (A.5.3).
func (r *lsReader) golomb(k uint, limit, qbpp int) int {
	most := limit - qbpp - 1
	if r.n <= uint(most) {
		r.fill()
	}
	high := min(bits.LeadingZeros64(r.acc|1), most)
	if used := uint(high) + 1 + k; high < most && used <= r.n {
		rest := r.acc << (uint(high) + 1)
		r.acc = rest << k
		r.n -= used
		return high<<k | int(rest>>1>>(63-k))
	}
	r.take(uint(high) + 1)
	if high == most {
		return r.take(uint(qbpp)) + 1
	}
	return high<<k | r.take(k)
}
