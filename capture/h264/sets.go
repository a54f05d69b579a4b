package h264

import (
	"bytes"
	"slices"
)

const (
	maxSPS = 32  // seq_parameter_set_id is 0 to 31 (section 7.4.2.1.1)
	maxPPS = 256 // pic_parameter_set_id is 0 to 255 (section 7.4.2.2)
	// maxSet bounds one parameter set. With all scaling lists one has some
	// hundred bytes.
	maxSet = 2048
)

// ParameterSets keeps the newest SPS and PPS of a stream: what a decoder needs
// before it can begin, and what many a camera sends once only. The zero value
// is empty and ready. One goroutine uses it.
type ParameterSets struct {
	sps, pps []set // in the order of their ids
	current  SPS   // the newest
}

// set is one NAL unit, in memory of its own.
type set struct {
	id  int
	nal []byte
}

// Add takes over the parameter sets in an access unit, in place of those before
// with the same ids, and reports whether anything is new. What cannot be one is
// left out.
func (p *ParameterSets) Add(unit []byte) (changed bool) {
	for nal := range NALs(unit) {
		switch t := TypeOf(nal); {
		case t.Coded():
			return changed // they come before the slices
		case len(nal) > maxSet:
		case t == TypeSPS:
			changed = p.addSPS(nal) || changed
		case t == TypePPS:
			b := newBits(nal[1:])
			if id := b.count(maxPPS - 1); !b.failed {
				changed = put(&p.pps, id, nal) || changed
			}
		}
	}
	return changed
}

func (p *ParameterSets) addSPS(nal []byte) bool {
	sps, err := ParseSPS(nal)
	if err != nil || !put(&p.sps, sps.ID, nal) {
		return false
	}
	p.current = sps
	return true
}

func put(sets *[]set, id int, nal []byte) bool {
	i, found := slices.BinarySearchFunc(*sets, id, func(s set, id int) int { return s.id - id })
	switch {
	case !found:
		*sets = slices.Insert(*sets, i, set{id, bytes.Clone(nal)})
	case bytes.Equal((*sets)[i].nal, nal):
		return false
	default:
		(*sets)[i].nal = bytes.Clone(nal)
	}
	return true
}

// Complete reports whether there is an SPS and a PPS.
func (p *ParameterSets) Complete() bool { return len(p.sps) > 0 && len(p.pps) > 0 }

// SPS returns the newest one, and whether there is any.
func (p *ParameterSets) SPS() (SPS, bool) { return p.current, len(p.sps) > 0 }

// Append appends all of them to stream, each behind a StartCode.
func (p *ParameterSets) Append(stream []byte) []byte {
	for _, sets := range [][]set{p.sps, p.pps} {
		for _, s := range sets {
			stream = append(append(stream, StartCode...), s.nal...)
		}
	}
	return stream
}

// Complement returns unit as it is, or, when it is an IDR picture that comes
// without an SPS or without a PPS, a copy with all of them before the first
// slice.
func (p *ParameterSets) Complement(unit []byte) []byte {
	var sps, pps bool
	for nal := range NALs(unit) {
		switch t := TypeOf(nal); {
		case t == TypeSPS:
			sps = true
		case t == TypePPS:
			pps = true
		case t.Coded() && (t != TypeIDR || sps && pps):
			return unit
		case t.Coded():
			return p.insert(unit)
		}
	}
	return unit
}

// insert copies unit, with the parameter sets in place of those that it has.
func (p *ParameterSets) insert(unit []byte) []byte {
	out := make([]byte, 0, len(unit)+len(StartCode)*(len(p.sps)+len(p.pps)+4)+p.length())
	done := false
	for nal := range NALs(unit) {
		t := TypeOf(nal)
		if !done && t != TypeAUD {
			out, done = p.Append(out), true
		}
		if t != TypeSPS && t != TypePPS {
			out = append(append(out, StartCode...), nal...)
		}
	}
	return out
}

func (p *ParameterSets) length() (n int) {
	for _, sets := range [][]set{p.sps, p.pps} {
		for _, s := range sets {
			n += len(s.nal)
		}
	}
	return n
}
