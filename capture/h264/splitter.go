package h264

import "bytes"

// maxUnit bounds one access unit; a keyframe of 4K at a high quality has 2 MB.
const maxUnit = 8 << 20

// Splitter cuts a byte stream that comes in pieces of any length into access
// units. What stands before the first of them is left out. The zero value is
// ready. One goroutine uses it.
//
//	for {
//		n, err := r.Read(piece)
//		s.Write(piece[:n])
//		for unit := s.Next(); unit != nil; unit = s.Next() {
//			...
//		}
//	}
//
// An access unit is known to be complete when the next one begins. Who knows
// better, because the stream has ended or pauses, calls Flush.
type Splitter struct {
	buffer []byte
	begin  int  // where what is not given out yet begins
	at     int  // up to where start codes were looked for
	synced bool // an access unit starts at begin
	slice  bool // a slice was found after begin
}

// Write adds the next bytes of the stream. It keeps nothing of p and never
// fails.
func (s *Splitter) Write(p []byte) (int, error) {
	if s.begin > 0 {
		n := copy(s.buffer, s.buffer[s.begin:])
		s.buffer, s.at, s.begin = s.buffer[:n], s.at-s.begin, 0
	}
	if len(s.buffer) > maxUnit {
		s.Reset()
	}
	s.buffer = append(s.buffer, p...)
	return len(p), nil
}

// Next returns the next access unit that is complete, in memory of its own, or
// nil until more was written. Its slices may be incomplete when bytes of the
// stream are missing.
func (s *Splitter) Next() []byte {
	for {
		// The byte after a NAL unit's header has to be seen, too.
		i := bytes.Index(s.buffer[s.at:], startCode)
		if i < 0 || s.at+i+len(startCode)+1 >= len(s.buffer) {
			s.wait(i)
			return nil
		}
		start := s.at + i
		t, first := Type(s.buffer[start+3]&0x1f), s.buffer[start+4]
		s.at = start + len(startCode)
		if !s.synced {
			if !opens(t, first) {
				s.begin = s.at
				continue
			}
			s.begin, s.synced = start, true
		}
		// The zero bytes before a start code are its own.
		for start > s.begin && s.buffer[start-1] == 0 {
			start--
		}
		whole := s.slice && opens(t, first)
		unit := s.buffer[s.begin:start]
		if whole {
			s.begin, s.slice = start, false
		}
		s.slice = s.slice || t.Coded()
		if whole && len(unit) <= maxUnit {
			return bytes.Clone(unit)
		}
	}
}

// wait keeps what may be a part of a start code for later; i is where one was
// found, or -1.
func (s *Splitter) wait(i int) {
	if i >= 0 {
		s.at += i
	} else {
		s.at = max(s.at, len(s.buffer)-len(startCode)+1)
	}
	if !s.synced {
		s.begin = s.at
	}
}

// Flush returns what was begun, if it has a slice, as if the next access unit
// began now. Of parameter sets alone it returns nil, and keeps them for the
// slices that follow. If more of that access unit comes, it is left out. The caller
// has called Next until it returned nil.
func (s *Splitter) Flush() []byte {
	rest := bytes.TrimRight(s.buffer[s.begin:], "\x00")
	if !s.slice || len(rest) > maxUnit {
		return nil
	}
	unit := bytes.Clone(rest)
	s.Reset()
	return unit
}

// Reset forgets what was written and not returned, as after a gap in the
// stream.
func (s *Splitter) Reset() {
	s.buffer, s.begin, s.at, s.synced, s.slice = s.buffer[:0], 0, 0, false, false
}
