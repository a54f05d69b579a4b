package main

import (
	"context"
	"sync"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/jpeg"
)

// snapshotQuality is libjpeg's. At 85 nothing of the compression is seen beside
// that of the camera itself.
const snapshotQuality = 85

// snapshots makes JPEGs of the camera's pictures. Any goroutine may use it.
type snapshots struct {
	source *capture.Source

	// Requests that come together get the same Frame, and one JPEG. Encoding
	// one at a time, they can take no more than one CPU.
	mu   sync.Mutex
	of   time.Time // the capture time of the picture in jpeg
	jpeg []byte
}

// take implements web.SnapshotFunc.
func (s *snapshots) take(ctx context.Context) ([]byte, error) {
	frame, err := s.source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer frame.Release()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jpeg != nil && s.of.Equal(frame.Time) {
		return s.jpeg, nil
	}
	picture, err := jpeg.Encode(frame, snapshotQuality)
	if err != nil {
		return nil, err
	}
	s.of, s.jpeg = frame.Time, picture
	return picture, nil
}
