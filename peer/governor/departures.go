package governor

import "time"

// departuresLength is how many pictures are remembered: what a report tells of
// is younger than that, unless the path has stalled for seconds.
const departuresLength = 256

// departure is one picture that was sent.
type departure struct {
	sequence uint16 // of its first packet
	packets  uint16
	bytes    uint32
	at       time.Duration // since the Governor was made
	end      uint64        // bytes sent up to here, this picture's included
}

// departures are the last pictures sent, a ring.
type departures struct {
	ring  [departuresLength]departure
	next  int // where the next goes
	n     int // in use
	bytes uint64
}

func (d *departures) add(sequence uint16, packets, bytes int, at time.Duration) {
	d.bytes += uint64(bytes)
	d.ring[d.next] = departure{sequence, uint16(packets), uint32(bytes), at, d.bytes}
	d.next = (d.next + 1) % departuresLength
	d.n = min(d.n+1, departuresLength)
}

// back returns the so many-th last picture, 0 for the last.
func (d *departures) back(i int) *departure {
	return &d.ring[(d.next-1-i+2*departuresLength)%departuresLength]
}

// where a sequence number can be.
type where uint8

const (
	never where = iota // never sent, as far as we know
	old                // sent before the oldest picture here
	found
)

// find returns how many pictures after the one with this packet were sent.
func (d *departures) find(sequence uint16) (int, where) {
	if d.n == 0 {
		return 0, never
	}
	for i := range d.n {
		if p := d.back(i); sequence-p.sequence < p.packets {
			return i, found
		}
	}
	// Half of the numbers are before the oldest, half after it (RFC 1982).
	if oldest := d.back(d.n - 1).sequence; d.n == departuresLength && sequence-oldest >= 1<<15 {
		return 0, old
	}
	return 0, never
}

// upTo is how many bytes were sent up to this packet of a picture.
func (p *departure) upTo(sequence uint16) uint64 {
	after := uint64(p.packets - 1 - (sequence - p.sequence))
	return p.end - uint64(p.bytes)*after/uint64(p.packets)
}

// rate is what was sent per second over the last window, in bit/s.
func (d *departures) rate(now, window time.Duration) float64 {
	if d.n == 0 {
		return 0
	}
	first := d.back(0)
	for i := 1; i < d.n && now-d.back(i).at <= window; i++ {
		first = d.back(i)
	}
	if now-first.at > window {
		return 0
	}
	// The window begins with a picture, so that it is as long as what is in it.
	elapsed := max(now-first.at, window/4)
	return float64(d.bytes-first.end+uint64(first.bytes)) * 8 / elapsed.Seconds()
}

// since is what was sent per second, in bit/s, after that time up to the so
// many-th last picture.
func (d *departures) since(i int, begin time.Duration) float64 {
	last := d.back(i)
	first := last
	for i++; i < d.n && first.at > begin; i++ {
		first = d.back(i)
	}
	if first.at >= last.at {
		return 0
	}
	return float64(last.end-first.end) * 8 / (last.at - first.at).Seconds()
}

// largest is the largest of the pictures from the so many-th last on, in bits.
func (d *departures) largest(from, to int) (bits float64) {
	for i := to; i <= from && i < d.n; i++ {
		bits = max(bits, float64(d.back(i).bytes)*8)
	}
	return bits
}
