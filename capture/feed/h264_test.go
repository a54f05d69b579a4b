package feed

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture/h264"
)

// units are the access units that x264 makes of a test picture: keyframes are
// the first and each tenth.
func units(t *testing.T, n int) (all [][]byte) {
	t.Helper()
	data, err := os.ReadFile(film(t, float64(n)/25, kinds()["H264"]...))
	if err != nil {
		t.Fatal(err)
	}
	var s h264.Splitter
	_, _ = s.Write(data)
	for u := s.Next(); u != nil; u = s.Next() {
		all = append(all, u)
	}
	if all = append(all, s.Flush()); len(all) != n {
		t.Fatalf("%d access units, want %d", len(all), n)
	}
	return all
}

// same compares access units without the zeros before them, which mean nothing.
func same(a, b []byte) bool { return bytes.Equal(bytes.TrimLeft(a, "\x00"), bytes.TrimLeft(b, "\x00")) }

// TestH264IsNotLate holds that a live picture does not wait for the one after
// it: it is complete when nothing more comes for a moment. A writer that was
// stopped within one breaks that picture, which the sequence tells, and gets
// more time from then on.
func TestH264IsNotLate(t *testing.T) {
	all := units(t, 8)
	synctest.Test(t, func(t *testing.T) {
		from, to := net.Pipe()
		defer from.Close()
		c := newH264Cutter(bufio.NewReaderSize(from, inputSize), from)
		write := func(b []byte) {
			if _, err := to.Write(b); err != nil {
				t.Error(err)
			}
		}
		next := func() (picture, time.Duration) {
			begun := time.Now()
			p, err := c.next(always)
			if err != nil {
				t.Fatal(err)
			}
			return p, time.Since(begun)
		}
		for i, u := range all[:4] {
			sent := time.Now()
			go write(u)
			p, took := next()
			if took != firstPause || !p.time.Equal(sent) || p.frame.Coded.Sequence != uint64(i+1) || !same(p.frame.Coded.Payload, u) {
				t.Errorf("picture %d: after %v, sequence %d", i, took, p.frame.Coded.Sequence)
			}
		}
		half := len(all[4]) / 2
		go func() {
			write(all[4][:half])
			<-time.After(2 * firstPause)
			write(all[4][half:])
			write(all[5])
		}()
		if p, _ := next(); p.frame.Coded.Sequence != 5 || !same(p.frame.Coded.Payload, all[4][:half]) {
			t.Errorf("half a picture: sequence %d, %d of %d bytes", p.frame.Coded.Sequence, len(p.frame.Coded.Payload), len(all[4]))
		}
		if p, _ := next(); p.frame.Coded.Sequence != 7 || !same(p.frame.Coded.Payload, all[5]) {
			t.Errorf("after half a picture: sequence %d, want 7", p.frame.Coded.Sequence)
		}
		half = len(all[6]) / 2
		go func() {
			write(all[6][:half])
			<-time.After(firstPause + firstPause/2)
			write(all[6][half:])
		}()
		if p, took := next(); !same(p.frame.Coded.Payload, all[6]) || took != 3*firstPause+firstPause/2 {
			t.Errorf("a pause as before breaks a picture: %d of %d bytes after %v", len(p.frame.Coded.Payload), len(all[6]), took)
		}
		go func() {
			write(all[7])
			_ = to.Close()
		}()
		next()
		if _, err := c.next(always); !isEnd(err) {
			t.Errorf("at the end: %v", err)
		}
	})
}

// TestH264ParameterSets holds that each keyframe has them, also of a stream that
// tells them once, and that nothing comes before the first keyframe.
func TestH264ParameterSets(t *testing.T) {
	all := units(t, 22)
	var stream []byte
	for i, u := range append(all[8:10:10], all...) {
		if i == 12 || i == 22 { // keyframes: without their sets, but with a delimiter
			var bare []byte
			for nal := range h264.NALs(u) {
				if h264.TypeOf(nal).Coded() {
					bare = append(append(bare, h264.StartCode...), nal...)
				}
			}
			u = append([]byte(h264.StartCode+"\x09\x10"), bare...)
		}
		stream = append(stream, u...)
	}
	c := newH264Cutter(bufio.NewReaderSize(bytes.NewReader(stream), inputSize), nil)
	for i := range 22 {
		p, err := c.next(always)
		if err != nil {
			t.Fatal(err)
		}
		payload := p.frame.Coded.Payload
		if want := i%10 == 0; h264.Keyframe(payload) != want || hasSPS(payload) != want {
			t.Errorf("picture %d: keyframe %v, with parameter sets %v; want %v", i, h264.Keyframe(payload), hasSPS(payload), want)
		}
		var types []h264.Type
		for nal := range h264.NALs(payload) {
			types = append(types, h264.TypeOf(nal))
		}
		if i == 10 && (types[0] != h264.TypeAUD || types[1] != h264.TypeSPS || types[2] != h264.TypePPS || !types[3].Coded()) {
			t.Errorf("picture %d: %v", i, types)
		}
	}
	if _, err := c.next(always); !isEnd(err) {
		t.Errorf("at the end: %v", err)
	}
	if m := c.mode(); m.Size != testSize || m.FrameRate != 25 {
		t.Errorf("mode %v", m)
	}
}

func hasSPS(unit []byte) bool {
	for nal := range h264.NALs(unit) {
		if h264.TypeOf(nal) == h264.TypeSPS {
			return true
		}
	}
	return false
}
