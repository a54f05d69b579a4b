package feed

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Config is what every feed needs to know.
type Config struct {
	// FrameRate is in pictures per second, for a file that does not tell its
	// own; 0 is 30.
	FrameRate float64
	// Decode makes a Frame, without a Time, of one JPEG. One goroutine at a
	// time calls it, for each feed.
	Decode func(pool *capture.FramePool, jpeg []byte) (*capture.Frame, error)
	// JPEG copies one that was decoded, so that it can be shown by itself. Nil
	// is for a feed that keeps none.
	JPEG func(jpeg []byte) []byte
	// Undecoded makes a Frame, without a Time, of a copy of the JPEG alone,
	// instead of Decode; nil where only that can tell whether the picture is
	// whole. Nil is for a feed that decodes all.
	Undecoded func(jpeg []byte) *capture.Frame
	// Final reports an error of Decode that the next picture will have too.
	// Nil means that there are none.
	Final func(error) bool
}

// maxBroken ends a feed of which so many pictures in a row cannot be used: two
// seconds of them at 30 per second.
const maxBroken = 60

// errBroken is for one picture; the next may be good.
var errBroken = errors.New("broken picture")

// kit is what the feeds have in common.
type kit struct {
	cfg     Config
	frames  capture.FramePool
	jpegs   jpegPool
	skipped atomic.Uint64
}

// Skipped is how many broken pictures were left out so far.
func (k *kit) Skipped() uint64 { return k.skipped.Load() }

// picture is one that was cut out of the bytes: nothing, when nobody wanted
// it, or one of these.
type picture struct {
	frame *capture.Frame
	jpeg  []byte // of kit.jpegs
	time  time.Time
	rate  float64 // in pictures per second; 0 when it is not told
}

func (p picture) isCoded() bool { return p.frame != nil && p.frame.Coded != nil }

// drop gives the memory back.
func (k *kit) drop(p picture) {
	if p.frame != nil {
		p.frame.Release()
	}
	k.jpegs.put(p.jpeg)
}

// develop makes a Frame of p, which is used up by it, with what is wanted of a
// JPEG. Errors wrap errBroken where the next picture may be good.
func (k *kit) develop(p picture, wanted capture.Parts) (*capture.Frame, error) {
	if p.frame != nil {
		p.frame.Time = p.time
		return p.frame, nil
	}
	defer k.jpegs.put(p.jpeg)
	if wanted == capture.OwnJPEG && k.cfg.Undecoded != nil {
		if f := k.cfg.Undecoded(p.jpeg); f != nil {
			f.Time = p.time
			return f, nil
		}
	}
	start := time.Now()
	f, err := k.cfg.Decode(&k.frames, p.jpeg)
	if err == nil && wanted&capture.OwnJPEG != 0 && k.cfg.JPEG != nil {
		f.JPEG = k.cfg.JPEG(p.jpeg)
	}
	switch {
	case err == nil:
		f.Time, f.Decoding = p.time, time.Since(start)
		return f, nil
	case k.cfg.Final != nil && k.cfg.Final(err):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", errBroken, err)
}

// jury counts broken pictures. One goroutine uses it.
type jury struct {
	kit *kit
	row int // broken ones since the last good one
}

func (j *jury) good() { j.row = 0 }

// judge returns the error that ends the feed, or nil when err is about one
// picture and was not one too many.
func (j *jury) judge(err error) error {
	if !errors.Is(err, errBroken) {
		return err
	}
	j.kit.skipped.Add(1)
	if j.row++; j.row >= maxBroken {
		return fmt.Errorf("%d in a row: %w", j.row, err)
	}
	return nil
}

// jpegPool keeps the memory of JPEGs: one is being cut, one waits, one is being
// decoded. The zero value is ready; any goroutine may use it.
type jpegPool struct {
	mu   sync.Mutex
	free [][]byte
}

func (p *jpegPool) get() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return nil
	}
	b := p.free[n-1]
	p.free = p.free[:n-1]
	return b[:0]
}

func (p *jpegPool) put(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cap(b) > 0 && len(p.free) < 3 {
		p.free = append(p.free, b)
	}
}
