package pattern

import (
	"encoding/binary"
	"math/rand/v2"
)

// grain is sensor noise: a long strip of random bytes, of which every row of
// every picture takes another piece. The bytes are unsigned, 0 to 2*bias with
// the mean at bias; whatever they are added to has bias subtracted beforehand.
// That way a single 64-bit addition handles eight pixels and never carries
// from one into the next.
type grain struct {
	strip []byte
	mask  uint64 // of the offsets at which a row may begin
}

const grainOffsets = 1 << 16

// newGrain returns noise of about the given standard deviation, clipped at
// bias, for rows of up to width pixels.
func newGrain(seed uint64, width, bias int, deviation float64) *grain {
	rng := rand.New(rand.NewPCG(seed, seed))
	g := &grain{strip: make([]byte, grainOffsets+width+8), mask: grainOffsets - 1}
	previous := 0.0
	for i := range g.strip {
		// Neighbours share some of their noise, as after demosaicing.
		fresh := rng.NormFloat64()
		v := (fresh + 0.5*previous) / 1.118 * deviation
		previous = fresh
		g.strip[i] = byte(min(max(int(v+float64(bias)+0.5), 0), 2*bias))
	}
	return g
}

// row returns the noise for one row of one picture: always the same for the
// same numbers.
func (g *grain) row(picture int64, y int) []byte {
	x := uint64(picture)<<20 + uint64(y) // splitmix64
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return g.strip[(x^x>>31)&g.mask:]
}

// addBytes sets dst to a + b; all sums have to fit a byte. a and b are at
// least as long as dst.
func addBytes(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 32 && len(a) >= 32 && len(b) >= 32 {
		d, x, y := (*[32]byte)(dst), (*[32]byte)(a), (*[32]byte)(b)
		binary.LittleEndian.PutUint64(d[0:], binary.LittleEndian.Uint64(x[0:])+binary.LittleEndian.Uint64(y[0:]))
		binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(x[8:])+binary.LittleEndian.Uint64(y[8:]))
		binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(x[16:])+binary.LittleEndian.Uint64(y[16:]))
		binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(x[24:])+binary.LittleEndian.Uint64(y[24:]))
		dst, a, b = dst[32:], a[32:], b[32:]
	}
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}
