//go:build lab && linux

package main

import (
	"slices"
	"sync"
	"time"
)

// transfer is a request for isochronous packets.
type transfer struct {
	request
	packets []packet
}

// stream fills transfers with pictures, a packet each millisecond.
type stream struct {
	film [][][]byte // JPEGs, by size
	send func(reply, []byte, []packet) error

	wake chan struct{} // capacity 1

	// Owned by run.
	left  []byte    // of the picture that is being sent
	count int       // of pictures
	next  time.Time // when the next picture is taken
	clock time.Time // when the next packet is due

	mu       sync.Mutex
	pending  []transfer
	mode     probe
	disabled bool
}

func newStream(film [][][]byte, send func(reply, []byte, []packet) error) *stream {
	return &stream{film: film, send: send, wake: make(chan struct{}, 1)}
}

// use takes the mode that was negotiated.
func (s *stream) use(mode probe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// on starts and stops the camera.
func (s *stream) on(enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disabled = !enabled
}

func (s *stream) take(t transfer) {
	s.mu.Lock()
	s.pending = append(s.pending, t)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// forget reports whether the transfer was still pending.
func (s *stream) forget(sequence uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.pending)
	s.pending = slices.DeleteFunc(s.pending, func(t transfer) bool { return t.Sequence == sequence })
	return len(s.pending) < before
}

// run answers one transfer after another, each when its last packet is due,
// until the wire is closed.
func (s *stream) run() {
	for {
		length := s.first()
		if length == 0 {
			<-s.wake
			continue
		}
		if now := time.Now(); s.clock.Before(now.Add(-time.Second)) {
			s.clock = now // it was off, or the machine was busy
		}
		<-time.After(time.Until(s.clock.Add(length)))
		t, mode, ok := s.pop()
		if !ok {
			continue // the host took it back
		}
		s.clock = s.clock.Add(length)
		if err := s.send(s.fill(t, mode)); err != nil {
			return
		}
	}
}

// first is how long the first pending transfer takes, 0 when there is none.
func (s *stream) first() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return 0
	}
	return time.Duration(len(s.pending[0].packets)) * time.Millisecond
}

func (s *stream) pop() (t transfer, mode probe, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return transfer{}, probe{}, false
	}
	t = s.pending[0]
	s.pending = s.pending[1:]
	mode = s.mode
	if s.disabled {
		mode.Frame = 0
	}
	return t, mode, true
}

// Payload header (Video Class 1.0 section 2.4.3.3).
const (
	headerLength = 2
	headerEnd    = 1 << 7
	endOfFrame   = 1 << 1
	frameID      = 1 << 0 // another one for every other picture
)

// fill puts what there is of pictures into the packets of t, one after another
// without gaps. A packet without anything to say is empty.
func (s *stream) fill(t transfer, mode probe) (reply, []byte, []packet) {
	out := t.reply(replySubmit, 0)
	out.Frame, out.Packets = t.Frame, uint32(len(t.packets))
	var data []byte
	for i := range t.packets {
		at := s.clock.Add(time.Duration(i-len(t.packets)) * time.Millisecond)
		if len(s.left) == 0 && mode.Frame > 0 && !at.Before(s.next) {
			s.shoot(at, mode)
		}
		t.packets[i].Status = 0 // the host fills in an error
		part := min(len(s.left), int(t.packets[i].Length)-headerLength)
		if part > 0 {
			flags := byte(headerEnd | s.count&frameID)
			if part == len(s.left) {
				flags |= endOfFrame
			}
			data = append(append(data, headerLength, flags), s.left[:part]...)
			s.left = s.left[part:]
			t.packets[i].Actual = uint32(headerLength + part)
		}
	}
	out.Length = uint32(len(data))
	return out, data, t.packets
}

// shoot begins the next picture.
func (s *stream) shoot(at time.Time, mode probe) {
	pictures := s.film[mode.Frame-1]
	s.count++
	s.left = pictures[s.count%len(pictures)]
	interval := time.Duration(mode.Interval) * 100 * time.Nanosecond
	if s.next = s.next.Add(interval); s.next.Before(at) {
		s.next = at.Add(interval)
	}
}
