package capture

import "time"

// steering is what a rendition's encoder is to make of what its readers want.
// The goroutine of the rendition owns it.
type steering struct {
	dial dial
	band Band
	want Bitrate
}

// steer sets the encoder's bitrate. It is called before each picture.
func (r *rendition) steer(encoder *effortEncoder, now time.Time) error {
	s := &r.steering
	if r.retarget.CompareAndSwap(true, false) {
		s.band = r.source.bandOf(r.renditionKey)
		s.want = s.band.Ceiling
		for _, reader := range r.reading() {
			if target := Bitrate(reader.target.Load()); target > 0 {
				s.want = min(s.want, target)
			}
		}
	}
	if !s.dial.turn(s.want, s.band, now) {
		return nil
	}
	return encoder.setBitrate(s.dial.told)
}
