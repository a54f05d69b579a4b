package feed

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// How long a live feed may deliver nothing. The first picture takes a command
// seconds that has to find its camera.
const (
	firstPictureLimit = 10 * time.Second
	nextPictureLimit  = 2 * time.Second
	// nextPictureIntervals is the limit where pictures come seldom.
	nextPictureIntervals = 5
)

// maxWaiting is how many coded pictures wait for their reader: one second of
// them. All others are replaced by the next.
const maxWaiting = 30

// tick is the least time between two pictures: one of the clock of RTP, as
// encoders need times that grow, and what was held up comes all at once.
const tick = 20 * time.Microsecond

var errClosed = errors.New("is closed")

// live is an opened feed whose pictures come when they come. What delivers them
// calls put and fail; Read belongs to one goroutine, Close to any.
type live struct {
	kit  *kit
	name string
	end  func() // ends what delivers, or takes it from here; called once
	mode atomic.Pointer[capture.Mode]

	mu      sync.Mutex
	waiting []picture // the newest one, or coded ones in their order
	err     error     // after which no more come
	done    bool      // closed: what comes is dropped
	ready   chan struct{}

	// owned by the goroutine that reads
	jury jury
	capture.Thinning
	capture.JPEGKeeping
	patience time.Duration
	last     time.Time // of the last Frame

	closing *capture.Closer
}

var (
	_ capture.FrameReader = (*live)(nil)
	_ capture.Thinner     = (*live)(nil)
	_ capture.JPEGKeeper  = (*live)(nil)
)

func newLive(k *kit, name string, mode capture.Mode) *live {
	r := &live{
		kit: k, name: name, jury: jury{kit: k}, patience: firstPictureLimit,
		ready: make(chan struct{}, 1), closing: capture.NewCloser(),
	}
	r.mode.Store(&mode)
	return r
}

// Mode implements capture.FrameReader. The size is known from the first Frame
// on.
func (r *live) Mode() capture.Mode { return *r.mode.Load() }

// put hands over a picture, which replaces one that nobody came for.
func (r *live) put(p picture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		r.kit.drop(p)
		return
	}
	if !p.isCoded() || len(r.waiting) == maxWaiting {
		r.clear()
	}
	r.waiting = append(r.waiting, p)
	r.wake()
}

// fail says that no more pictures come, and why.
func (r *live) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	r.wake()
}

func (r *live) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

func (r *live) clear() {
	for _, p := range r.waiting {
		r.kit.drop(p)
	}
	clear(r.waiting)
	r.waiting = r.waiting[:0]
}

// take returns the oldest picture that waits.
func (r *live) take() (p picture, ok bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		return p, false, r.err
	}
	p = r.waiting[0]
	n := copy(r.waiting, r.waiting[1:])
	r.waiting[n] = picture{}
	r.waiting = r.waiting[:n]
	return p, true, nil
}

// Read implements capture.FrameReader.
func (r *live) Read() (*capture.Frame, error) {
	r.closing.StartRead()
	defer r.closing.EndRead()
	f, err := r.read()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.name, err)
	}
	return f, nil
}

func (r *live) read() (*capture.Frame, error) {
	limit := time.NewTimer(r.patience)
	defer limit.Stop()
	for {
		p, err := r.await(limit.C)
		if err != nil {
			return nil, err
		}
		if !p.isCoded() && r.Omits(p.time) {
			r.kit.drop(p)
			continue
		}
		at, rate := p.time, p.rate
		f, err := r.kit.develop(p, r.Wanted())
		if err == nil {
			r.good(f, rate)
			f.Omitted = r.Pass(at)
			return f, nil
		}
		if err := r.jury.judge(err); err != nil {
			return nil, err
		}
	}
}

// await blocks for a picture.
func (r *live) await(limit <-chan time.Time) (picture, error) {
	for {
		if r.closing.HasBegun() {
			return picture{}, errClosed
		}
		if p, ok, err := r.take(); ok || err != nil {
			return p, err
		}
		select {
		case <-r.ready:
		case <-r.closing.Begun():
		case <-limit:
			if r.jury.row > 0 {
				return picture{}, fmt.Errorf("only broken pictures (%d) for %v", r.jury.row, r.patience)
			}
			return picture{}, fmt.Errorf("no picture for %v", r.patience)
		}
	}
}

// good notes what a Frame tells of those to come.
func (r *live) good(f *capture.Frame, rate float64) {
	r.jury.good()
	if next := r.last.Add(tick); f.Time.Before(next) {
		f.Time = next
	}
	r.last = f.Time
	mode := r.Mode()
	if mode.Size != f.Size || mode.FrameRate != rate {
		mode.Size, mode.FrameRate = f.Size, rate
		r.mode.Store(&mode)
	}
	r.patience = nextPictureLimit
	if rate > 0 {
		r.patience = max(r.patience, time.Duration(nextPictureIntervals/rate*float64(time.Second)))
	}
}

// Close implements capture.FrameReader.
func (r *live) Close() error {
	return r.closing.Once(func() error {
		r.end()
		r.closing.AwaitRead()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.done = true
		r.clear()
		return nil
	})
}
