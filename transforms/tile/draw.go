package tile

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// A draw is a source of numbers that depend on the seed and the subject alone,
// with every release of Go: of math/rand only PCG is used, whose output is
// fixed by its definition.
type draw struct{ pcg *rand.PCG }

func newDraw(seed int64, who Subject) *draw {
	key := sha256.Sum256(fmt.Appendf(nil, "ctcohort tile %d\x00%s\x00%s", seed, who.PatientID, who.SeriesUID))
	return &draw{rand.NewPCG(binary.BigEndian.Uint64(key[:8]), binary.BigEndian.Uint64(key[8:16]))}
}

// below returns a number in [0,n). Its bias is below n/2⁶⁴.
func (d *draw) below(n int) int {
	high, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(high)
}
