package capture

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// NewEncoderFunc makes an Encoder for a rendition that is wanted now.
type NewEncoderFunc func(EncoderConfig) (Encoder, error)

// SourceConfig says what a Source opens and how it encodes.
type SourceConfig struct {
	Camera   Camera
	Encoders map[Codec]NewEncoderFunc
	// Encoding is the configuration of every Encoder. FrameRate holds while
	// the open camera does not tell its own.
	Encoding EncoderConfig
	// Scale writes src into dst, which is half as wide and high. Nil is a
	// slower way. Several goroutines call it.
	Scale func(dst, src *Frame) error
	// CPU is how that is spared when it is not enough.
	CPU CPUConfig
	// Linger is how long the camera stays open after the last Subscription.
	Linger time.Duration
	// Slate draws what stands in for a camera that is Lost; nil for nothing.
	// It has the size of the camera's last picture, or SlateSize before the
	// first.
	Slate     SlateFunc
	SlateSize Size
	Log       *slog.Logger
}

// Source is the shared, on-demand life of one camera and its encoders. Run
// drives it; every other method is safe from any goroutine, before, during and
// after Run.
type Source struct {
	cfg   SourceConfig
	wake  chan struct{} // capacity 1: demand may have changed
	retry chan struct{} // capacity 1: the camera may be back
	inUse chan struct{} // capacity 1: a rendition began
	stats counters
	// halver is shared by the renditions.
	halver halver
	// running counts the goroutines of renditions; Run waits for them.
	running sync.WaitGroup

	mu            sync.Mutex
	ended         bool
	subscriptions map[*Subscription]struct{}
	renditions    map[renditionKey]*rendition
	status        Status
	changed       chan struct{}            // closed and replaced when status changes
	pictured      pictureKind              // what the ladder is for
	ladder        []Band                   // replaced when it changes
	frameTime     time.Time                // of the camera's newest picture
	slateTime     time.Time                // of the newest Slate
	thrifts       map[renditionKey]*thrift // of all that were ever in use
	weak          bool                     // the power supply is
	thinner       bool                     // the open camera can leave pictures out
	thin          int                      // it should give each so many-th picture
	keeper        bool                     // the open camera is a JPEGKeeper
	snapshots     snapshots
	glanced       bool      // there was demand that may be over already
	exposure      exposure  // of the open camera
	newest        *Frame    // of the open camera, nil when coded
	onlookers     onlookers // who get Frames
	jpegsUntil    time.Time // the camera's JPEGs are kept at least until then,
	planesUntil   time.Time // and decoded
}

// NewSource makes a Source that is Idle until Run.
func NewSource(cfg SourceConfig) (*Source, error) {
	if err := cfg.Encoding.Validate(); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Camera.Name(), err)
	}
	if cfg.Slate != nil && !cfg.SlateSize.valid() {
		return nil, fmt.Errorf("source %s: slate of %v: want both sides even, 16 to %d", cfg.Camera.Name(), cfg.SlateSize, MaxDimension)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Scale == nil {
		cfg.Scale = halveFrame
	}
	return &Source{
		cfg:    cfg,
		wake:   make(chan struct{}, 1),
		retry:  make(chan struct{}, 1),
		inUse:  make(chan struct{}, 1),
		halver: halver{scale: cfg.Scale},

		subscriptions: map[*Subscription]struct{}{},
		renditions:    map[renditionKey]*rendition{},
		status:        Status{Camera: cfg.Camera.Name()},
		changed:       make(chan struct{}),
		ladder:        ladder(Size{}, cfg.Encoding.Bitrate),
		thrifts:       map[renditionKey]*thrift{},
		snapshots:     snapshots{},
		onlookers:     newOnlookers(),
	}, nil
}

// Codecs lists what a viewer can subscribe to, cheapest first.
func (s *Source) Codecs() []Codec {
	var out []Codec
	for _, c := range Codecs() {
		if s.cfg.Encoders[c] != nil {
			out = append(out, c)
		}
	}
	return out
}

// Subscribe takes a place at the full rendition of this codec and so opens the
// camera and starts the encoder, if they are not running yet. It does not wait
// for them.
func (s *Source) Subscribe(codec Codec) (*Subscription, error) {
	if s.cfg.Encoders[codec] == nil {
		return nil, fmt.Errorf("subscribe %v: no encoder for this codec", codec)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, fmt.Errorf("subscribe %v: %w", codec, ErrClosed)
	}
	key := renditionKey{codec, Full}
	_, running := s.renditions[key]
	r := s.placeLocked(key)
	if !running && s.newest != nil && s.newest.does(Planes) {
		r.slot.put(s.newest.Retain()) // the next is up to its interval away
	}
	sub := newSubscription(r)
	s.subscriptions[sub] = struct{}{}
	s.signal()
	return sub, nil
}

// placeLocked takes a place at a rendition, and begins that if need be.
func (s *Source) placeLocked(key renditionKey) *rendition {
	r := s.renditions[key]
	if r == nil {
		r = newRendition(s, key, s.thriftLocked(key))
		s.renditions[key] = r
		s.running.Go(r.work)
		select {
		case s.inUse <- struct{}{}:
		default:
		}
	}
	r.places++
	return r
}

// giveBack gives a place at a rendition back.
func (s *Source) giveBack(r *rendition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended { // which stopped them all
		s.giveBackLocked(r)
	}
}

func (s *Source) giveBackLocked(r *rendition) {
	if r.places--; r.places == 0 {
		s.stopRendition(r)
	}
}

func (s *Source) unsubscribe(sub *Subscription, places ...*rendition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	delete(s.subscriptions, sub)
	for _, r := range places {
		s.giveBackLocked(r)
	}
	s.signal()
}

func (s *Source) stopRendition(r *rendition) {
	delete(s.renditions, r.renditionKey)
	r.thrift.ended = time.Now()
	if r.trouble != "" {
		s.publishStatus()
	}
	close(r.stop)
}

// inUseLocked is the renditions in use, cheapest codec first and larger pictures
// before smaller ones.
func (s *Source) inUseLocked() []*rendition {
	return slices.SortedFunc(maps.Values(s.renditions), func(a, b *rendition) int {
		return cmp.Or(cmp.Compare(a.codec, b.codec), cmp.Compare(a.rung, b.rung))
	})
}

// Retry tells a Source that is Lost that its camera may be back, so that it
// does not wait for the end of its pause; if it is just trying, it tries once
// more after that. At any other time it does nothing.
func (s *Source) Retry() {
	select {
	case s.retry <- struct{}{}:
	default:
	}
}

// RequestKeyframes asks every encoder in use for a keyframe soon, and returns how
// many there are.
func (s *Source) RequestKeyframes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.renditions {
		r.requestKeyframe()
	}
	return len(s.renditions)
}

func (s *Source) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// demanded reports whether the camera is to be open, and whether it was to be
// since the last call.
func (s *Source) demanded() (now, since bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since, s.glanced = s.glanced, false
	return len(s.subscriptions) > 0 || len(s.snapshots) > 0 || s.onlookers.present(), since
}

// newEncoder makes an encoder for the camera as it runs now; preset, when there
// is one, takes the place of the configured one.
func (s *Source) newEncoder(key renditionKey, preset string, bitrate Bitrate) (Encoder, error) {
	cfg := s.cfg.Encoding
	cfg.Bitrate = bitrate
	if preset != "" {
		cfg.Preset = preset
	}
	if key.rung != Full {
		cfg.Threads = 0 // was chosen for the full size
	}
	s.mu.Lock()
	if rate := s.status.Mode.FrameRate; rate >= 1 && rate <= 240 {
		cfg.FrameRate = rate
	}
	s.mu.Unlock()
	return s.cfg.Encoders[key.codec](cfg)
}

// offer passes a Frame to every encoder in use, and to all others who want it.
func (s *Source) offer(f *Frame) {
	if f.Slate {
		s.stats.slates.Add(1)
	} else {
		s.stats.frames.Add(1)
	}
	s.stats.decoding.Add(int64(f.Decoding))
	s.mu.Lock()
	s.order(f)
	below := s.leanLocked(f)
	s.thin = s.thinLocked(f)
	s.expose(f, time.Now())
	s.keepLocked(f)
	s.onlookers.offer(f)
	for _, r := range s.renditions {
		if !f.does(Planes) || r.rung > s.lowestLocked() || !r.passes(f) {
			continue
		}
		if late := r.slot.put(f.Retain()); late > 0 && r.read() {
			s.stats.drops.add(DropLate, late)
			r.meter.late(late)
		}
	}
	s.mu.Unlock()
	f.Release()
	for _, sub := range below {
		sub.Move(Quarter) // as far down as it goes now
	}
}

// keepLocked keeps f, for an encoder that begins before the next Frame comes.
func (s *Source) keepLocked(f *Frame) {
	if f != nil && f.Slate {
		return
	}
	if s.newest != nil {
		s.newest.Release()
		s.newest = nil
	}
	if f != nil && f.Coded == nil {
		s.newest = f.Retain()
	}
}

// forget is for when the camera gives no more.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepLocked(nil)
}

// end closes every Subscription and stops every encoder.
func (s *Source) end() {
	s.mu.Lock()
	s.ended = true
	subs := s.subscriptions
	s.subscriptions = nil
	s.endSnapshots()
	s.onlookers.end()
	for _, r := range s.renditions {
		s.stopRendition(r)
	}
	s.mu.Unlock()
	for sub := range subs {
		sub.end()
	}
	s.running.Wait()
}
