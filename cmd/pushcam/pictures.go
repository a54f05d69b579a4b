package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/jpeg"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/web"
)

// usualQuality is libjpeg's. At 85 nothing of the compression is seen beside
// that of the camera itself.
const usualQuality = 85

// mostLooks is how many different sizes and qualities there may be at a time, as
// each takes CPU for each picture.
const mostLooks = 8

var errLooks = fmt.Errorf("%d other sizes and qualities are being watched, which is the most; take one of those", mostLooks)

// pictures makes JPEGs of the camera's pictures: each once, for all who want it
// like that. Any goroutine may use it.
type pictures struct {
	source *capture.Source
	admit  func() (leave func(), err error)                    // to the viewers
	shrink func(dst, src *capture.Frame) error                 // to any smaller size
	encode func(f *capture.Frame, quality int) ([]byte, error) // jpeg.Encode, but for tests

	small    capture.FramePool
	encoding sync.Mutex // held while one is: they take one CPU at most

	mu    sync.Mutex
	looks map[look]*shared
}

var _ web.Pictures = (*pictures)(nil)

func newPictures(source *capture.Source, admit func() (func(), error)) *pictures {
	p := &pictures{source: source, admit: admit, shrink: scaler(), encode: jpeg.Encode, looks: map[look]*shared{}}
	if p.shrink == nil {
		p.shrink = capture.Shrink
	}
	return p
}

// look is what a request wants of each picture; see web.PictureRequest.
type look struct{ width, height, quality int }

func lookOf(r web.PictureRequest) look { return look{r.Width, r.Height, r.Quality} }

// needs is what it is made of. Within bounds the camera's own JPEG may fit, or not.
func (l look) needs() capture.Parts {
	switch {
	case l.quality != 0:
		return capture.Planes
	case l.width != 0 || l.height != 0:
		return capture.Planes | capture.OwnJPEG
	}
	return capture.OwnJPEG
}

// shared is a look's newest picture, for all who want it so.
type shared struct {
	users int // guarded by pictures.mu

	mu      sync.Mutex // held while one is made: who wants it too waits for it
	picture *web.Picture
}

// Snapshot implements web.Pictures.
func (p *pictures) Snapshot(ctx context.Context, r web.PictureRequest) (*web.Picture, error) {
	leave, err := p.admit()
	if err != nil {
		return nil, toClient(err)
	}
	defer leave()
	l := lookOf(r)
	s, err := p.take(l)
	if err != nil {
		return nil, err
	}
	defer p.giveBack(l, s)
	frame, err := p.source.Snapshot(ctx, l.needs())
	if err != nil {
		return nil, err
	}
	return p.develop(l, s, frame)
}

// toClient says what to do about it.
func toClient(err error) error {
	if errors.Is(err, peer.ErrFull) {
		return fmt.Errorf("%w; try again later, or raise --max-viewers", err)
	}
	return err
}

// Stream implements web.Pictures.
func (p *pictures) Stream(r web.PictureRequest) (web.PictureStream, error) {
	leave, err := p.admit()
	if err != nil {
		return nil, toClient(err)
	}
	l := lookOf(r)
	s, err := p.take(l)
	if err != nil {
		leave()
		return nil, err
	}
	place, err := p.source.Onlook(capture.OnlookerConfig{FrameRate: r.FrameRate, Needs: l.needs()})
	if err != nil {
		p.giveBack(l, s)
		leave()
		return nil, err
	}
	return &pictureStream{pictures: p, look: l, shared: s, place: place, leave: leave}, nil
}

// pictureStream implements web.PictureStream.
type pictureStream struct {
	pictures *pictures
	look     look
	shared   *shared
	place    *capture.Onlooker
	leave    func()
	began    bool
}

// Next implements web.PictureStream.
func (s *pictureStream) Next(ctx context.Context) (*web.Picture, error) {
	f, err := s.place.Next(ctx)
	if err != nil {
		return nil, err
	}
	if f.Slate && !s.began {
		f.Release()
		status, _ := s.pictures.source.Status()
		return nil, fmt.Errorf("%w: %s", capture.ErrLost, status.Detail)
	}
	s.began = true
	return s.pictures.develop(s.look, s.shared, f)
}

// Close implements web.PictureStream.
func (s *pictureStream) Close() error {
	defer s.leave()
	s.pictures.giveBack(s.look, s.shared)
	return s.place.Close()
}

// take begins to use a look, giveBack ends it.
func (p *pictures) take(l look) (*shared, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.looks[l]
	if s == nil {
		if len(p.looks) >= mostLooks {
			return nil, errLooks
		}
		s = &shared{}
		p.looks[l] = s
	}
	s.users++
	return s, nil
}

func (p *pictures) giveBack(l look, s *shared) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(p.looks, l)
	}
}

// develop makes a JPEG of f, which it takes over, or gives out the one that was
// made of it, or of a later one.
func (p *pictures) develop(l look, s *shared, f *capture.Frame) (*web.Picture, error) {
	defer f.Release()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.picture != nil {
		// Further apart, it is a clock that was set.
		if ahead := s.picture.Time.Sub(f.Time); ahead >= 0 && ahead < time.Second {
			return s.picture, nil
		}
	}
	data, err := p.jpeg(l, f)
	if err != nil {
		return nil, err
	}
	s.picture = &web.Picture{JPEG: data, Time: f.Time}
	return s.picture, nil
}

// jpeg is the camera's own, if it may be.
func (p *pictures) jpeg(l look, f *capture.Frame) ([]byte, error) {
	size := l.fit(f.Size)
	if size == f.Size && l.quality == 0 && f.JPEG != nil {
		return f.JPEG, nil
	}
	p.encoding.Lock()
	defer p.encoding.Unlock()
	if size != f.Size {
		small := p.small.Get(size)
		defer small.Release()
		if err := p.shrink(small, f); err != nil {
			return nil, err
		}
		f = small
	}
	return p.encode(f, cmp.Or(l.quality, usualQuality))
}

// fit is the largest size within the bounds that has the proportions of full; its
// sides are even, and what encoders take.
func (l look) fit(full capture.Size) capture.Size {
	if (l.width == 0 || l.width >= full.Width) && (l.height == 0 || l.height >= full.Height) {
		return full
	}
	const least = 16
	by := 1.0
	if l.width > 0 {
		by = min(by, float64(l.width)/float64(full.Width))
	}
	if l.height > 0 {
		by = min(by, float64(l.height)/float64(full.Height))
	}
	side := func(n int) int { return min(max(int(float64(n)*by+0.5)&^1, least), n) }
	return capture.Size{Width: side(full.Width), Height: side(full.Height)}
}
