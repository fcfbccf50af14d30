package vault

import (
	"crypto/sha256"
	"slices"
)

// state is the record that every commit rewrites, in the same transaction as what it changes. The anchor holds its
// hash. It is the one record that the multiset hash leaves out.
type state struct {
	commit    uint64   // counts the commits of this generation
	sum       multiset // over all other records
	count     uint64   // how many those are
	lastStage uint32   // the number that the last import got
	open      []uint32 // imports under way; at an open: left by a crash, to be removed
	auditNext uint64   // the next audit record's number
	auditLow  uint64   // the oldest one kept
	header    uint64   // the newest revision of the header that a commit has seen; 0 before schema 2
}

const maxStages = 1 << 10

var stateKey = keyOf(kindState, ID{})

func (s *state) encode() []byte {
	e := &encoder{}
	e.uint(1, s.commit)
	e.bytes(2, s.sum.append(nil))
	e.uint(3, s.count)
	e.uint(4, uint64(s.lastStage))
	e.list(5, len(s.open), func(i int, e *encoder) { e.uint(1, uint64(s.open[i])) })
	e.uint(7, s.auditNext)
	e.uint(8, s.auditLow)
	e.uint(9, s.header)
	return e.b
}

func decodeState(b []byte) (state, error) {
	var s state
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			s.commit = d.uint()
		case 2:
			if sum := d.bytes(); len(sum) == sha256.Size {
				s.sum = multisetOf(sum)
			} else {
				d.fail()
			}
		case 3:
			s.count = d.uint()
		case 4:
			s.lastStage = d.uint32()
		case 5:
			d.list(maxStages, func(d *decoder) {
				if tag, ok := d.next(); !ok || tag != 1 {
					d.fail()
					return
				}
				s.open = append(s.open, d.uint32())
			})
		case 7:
			s.auditNext = d.uint()
		case 8:
			s.auditLow = d.uint()
		case 9:
			s.header = d.uint()
		default:
			d.fail()
		}
	}
	return s, d.err
}

// visible says whether records of that import show. An import that was given up stays in open until its last record
// is gone, so every other number that was given out stands for one that was committed.
func (s *state) visible(stage uint32) bool {
	return stage == 0 || stage <= s.lastStage && !slices.Contains(s.open, stage)
}

// copy detaches the list, so that a transaction that fails leaves the state as it was.
func (s *state) copy() state {
	c := *s
	c.open = slices.Clone(s.open)
	return c
}
