package wire

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// stats is signal.Stats on the wire, without Rendition, which is the envelope's. What is not known of times is null.
type stats struct {
	Codec              string   `json:"codec"`
	Choice             string   `json:"choice"`
	Choices            []choice `json:"choices"`
	Width              int      `json:"width"`
	Height             int      `json:"height"`
	FramesPerSecond    float64  `json:"framesPerSecond"`
	Layer              int      `json:"layer"`
	Bitrate            int64    `json:"bitrate"`
	Estimate           int64    `json:"estimate"`
	PacketsSent        uint64   `json:"packetsSent"`
	PacketsLost        uint64   `json:"packetsLost"`
	Loss               float64  `json:"loss"`
	RoundTripMs        *float64 `json:"roundTripMs"`
	CaptureToSendP50Ms *float64 `json:"captureToSendP50Ms"`
	CaptureToSendP95Ms *float64 `json:"captureToSendP95Ms"`
	TimeMs             *float64 `json:"timeMs"` // since 1970
	RTPTimestamp       uint32   `json:"rtpTimestamp"`
}

// choice is signal.Choice on the wire.
type choice struct {
	Rendition string `json:"rendition"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

func encodeStats(s signal.Stats) *stats {
	e := &stats{
		Codec:              s.Codec,
		Choice:             s.Choice,
		Choices:            []choice{},
		Width:              s.Width,
		Height:             s.Height,
		FramesPerSecond:    finite(s.FramesPerSecond),
		Layer:              s.Layer,
		Bitrate:            s.Bitrate,
		Estimate:           s.Estimate,
		PacketsSent:        s.PacketsSent,
		PacketsLost:        s.PacketsLost,
		Loss:               finite(s.Loss),
		RoundTripMs:        milliseconds(s.RoundTrip),
		CaptureToSendP50Ms: milliseconds(s.CaptureToSend.P50),
		CaptureToSendP95Ms: milliseconds(s.CaptureToSend.P95),
		RTPTimestamp:       s.Timestamp,
	}
	if !s.Time.IsZero() {
		e.TimeMs = milliseconds(time.Duration(s.Time.UnixNano()))
	}
	for _, c := range s.Choices {
		e.Choices = append(e.Choices, choice(c))
	}
	return e
}

// finite is 0 for the numbers that JSON has no word for.
func finite(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// milliseconds is null for 0, which is not known.
func milliseconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	ms := float64(d) / float64(time.Millisecond)
	return &ms
}

// Bounds of what a Stats may say.
const (
	mostPixels = 1 << 16
	mostCount  = 1 << 53 // JavaScript's integers end there
	mostTime   = 1 << 43 // milliseconds: in the year 2248
)

func decodeStats(o *object) signal.Stats {
	s := signal.Stats{
		Codec:           o.optional("codec", maxName),
		Rendition:       o.optional("rendition", maxName),
		Choice:          o.optional("choice", maxName),
		Width:           int(o.count("width", mostPixels)),
		Height:          int(o.count("height", mostPixels)),
		FramesPerSecond: o.number("framesPerSecond", 1e6),
		Layer:           int(o.count("layer", math.MaxUint8)),
		Bitrate:         int64(o.count("bitrate", mostCount)),
		Estimate:        int64(o.count("estimate", mostCount)),
		PacketsSent:     o.count("packetsSent", mostCount),
		PacketsLost:     o.count("packetsLost", mostCount),
		Loss:            o.number("loss", 1),
		RoundTrip:       o.duration("roundTripMs"),
		Timestamp:       uint32(o.count("rtpTimestamp", math.MaxUint32)),
	}
	if micros := int64(math.Round(o.number("timeMs", mostTime) * 1000)); micros > 0 {
		s.Time = time.UnixMicro(micros).UTC()
	}
	s.CaptureToSend.P50 = o.duration("captureToSendP50Ms")
	s.CaptureToSend.P95 = o.duration("captureToSendP95Ms")
	for _, in := range o.list("choices", signal.MaxChoices) {
		s.Choices = append(s.Choices, signal.Choice{
			Rendition: in.text("rendition", maxName),
			Width:     int(in.count("width", mostPixels)),
			Height:    int(in.count("height", mostPixels)),
		})
		o.adopt(in)
	}
	return s
}
