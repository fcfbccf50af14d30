package vault

// Reed-Solomon over GF(2¹¹) (x¹¹ + x² + 1) for recovery phrases. Word i of n stands for the coefficient of x^(n-1-i); a phrase is
// valid when its polynomial vanishes at α, α² and α³. The distance is 4: one wrong word is found, three are noticed.

const (
	gfBits = 11
	gfPoly = 1<<11 | 1<<2 | 1
	gfSize = 1<<gfBits - 1
)

// gfMul multiplies without tables: it is used a few hundred times per phrase, and takes the same time for all values.
func gfMul(a, b uint16) uint16 {
	var p uint32
	x := uint32(a)
	for i := range gfBits {
		p ^= x << i & -(uint32(b) >> i & 1)
	}
	for i := 2*gfBits - 2; i >= gfBits; i-- {
		p ^= gfPoly << (i - gfBits) & -(p >> i & 1)
	}
	return uint16(p)
}

func gfPow(a uint16, n int) uint16 {
	r := uint16(1)
	for range n {
		r = gfMul(r, a)
	}
	return r
}

// gfInv is a^(2¹¹-2).
func gfInv(a uint16) uint16 {
	r := uint16(1)
	for n := gfSize - 1; n > 0; n >>= 1 {
		if n&1 == 1 {
			r = gfMul(r, a)
		}
		a = gfMul(a, a)
	}
	return r
}

const gfAlpha = 2

// syndromes are the polynomial's values at α, α² and α³.
func syndromes(c *[phraseWords]uint16) (s [phraseCheck]uint16) {
	for j := range s {
		x := gfPow(gfAlpha, j+1)
		for _, w := range c {
			s[j] = gfMul(s[j], x) ^ w
		}
	}
	return s
}

func checkWords(c *[phraseWords]uint16) bool { return syndromes(c) == [phraseCheck]uint16{} }

// addCheckWords divides by the generator polynomial (x-α)(x-α²)(x-α³) and puts the remainder behind the data.
func addCheckWords(c *[phraseWords]uint16) {
	g := []uint16{1}
	for j := 1; j <= phraseCheck; j++ {
		root, next := gfPow(gfAlpha, j), make([]uint16, len(g)+1)
		for i, a := range g {
			next[i] ^= a
			next[i+1] ^= gfMul(a, root)
		}
		g = next
	}
	rest := *c
	clear(rest[phraseData:])
	for i := range phraseData {
		f := rest[i]
		for j, a := range g {
			rest[i+j] ^= gfMul(f, a)
		}
	}
	copy(c[phraseData:], rest[phraseData:])
	clear(rest[:])
}

// solveWord finds the value that word i must have if all others are right.
func solveWord(c [phraseWords]uint16, i int) (uint16, bool) {
	s := syndromes(&c)
	x := gfPow(gfAlpha, phraseWords-1-i)
	c[i] ^= gfMul(s[0], gfInv(x))
	return c[i], checkWords(&c)
}
