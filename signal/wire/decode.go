package wire

import (
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/pushcam/pushcam/signal"
)

// Decode reads one message. Its error is always a *signal.Error that the
// sender can be told, with the viewer's id if that much could be read.
func Decode(text []byte) (signal.Message, error) {
	if len(text) > signal.MaxMessage {
		return nil, signal.Errorf(signal.TooLong, "message: more than %d bytes", signal.MaxMessage)
	}
	if !utf8.Valid(text) {
		return nil, signal.Errorf(signal.BadMessage, "message: not UTF-8")
	}
	o := parse("message", text)
	if o.err != nil {
		return nil, o.err
	}
	id := o.optional("id", signal.MaxID)
	kind := signal.Type(o.text("type", maxName))
	m := decode(o, kind, id)
	if o.err != nil {
		return nil, o.err.For(id)
	}
	return m, nil
}

// maxName bounds the strings that are names in the protocol, in bytes.
const maxName = 64

// decode returns the message; if there is an error in it, o has it.
func decode(o *object, kind signal.Type, id string) signal.Message {
	switch kind {
	case signal.TypePushInit:
		return signal.PushInit{}
	case signal.TypeError:
		return &signal.Error{
			ID:      id,
			Code:    signal.Code(o.text("code", maxName)),
			Message: o.optional("message", signal.MaxMessage),
		}
	case signal.TypeState:
		return signal.State{ID: id, Camera: decodeCamera(o)}
	case signal.TypeStats:
		return signal.Report{ID: id, Stats: decodeStats(o)}
	case signal.TypePullInit, signal.TypePullStart, signal.TypeOffer, signal.TypeAnswer,
		signal.TypeCandidate, signal.TypeQuality, signal.TypeBye:
	default:
		o.fail(signal.UnknownType, "no message has the type %q", kind)
		return nil
	}
	if id == "" {
		o.fail(signal.BadMessage, "id: want a string that is not empty")
	}
	switch kind {
	case signal.TypePullInit:
		return signal.PullInit{ID: id}
	case signal.TypePullStart:
		return signal.PullStart{ID: id}
	case signal.TypeOffer:
		return signal.Offer{ID: id, SDP: decodeDescription(o, kind)}
	case signal.TypeAnswer:
		return signal.Answer{ID: id, SDP: decodeDescription(o, kind)}
	case signal.TypeCandidate:
		return signal.Trickle{ID: id, Candidate: decodeCandidate(o)}
	case signal.TypeQuality:
		return signal.Quality{ID: id, Rendition: o.text("rendition", maxName)}
	default: // signal.TypeBye
		return signal.Bye{ID: id}
	}
}

// decodeDescription reads the member that is named as the message's type and
// says that type once more.
func decodeDescription(o *object, kind signal.Type) string {
	d := o.object(string(kind))
	if t := d.text("type", maxName); d.err == nil && t != string(kind) {
		d.fail(signal.BadMessage, "type: want %q, not %q", kind, t)
	}
	sdp := d.text("sdp", signal.MaxSDP)
	o.adopt(d)
	return sdp
}

func decodeCamera(o *object) signal.CameraState {
	c := signal.CameraState{
		State:  o.text("camera", maxName),
		Detail: o.optional("detail", signal.MaxMessage),
	}
	known := []string{signal.CameraIdle, signal.CameraOpening, signal.CameraLive, signal.CameraLost}
	if o.err == nil && !slices.Contains(known, c.State) {
		o.fail(signal.BadMessage, "camera: want one of %q, not %q", known, c.State)
	}
	return c
}

func decodeStats(o *object) signal.Stats {
	s := signal.Stats{
		Codec:           o.optional("codec", maxName),
		Width:           int(o.count("width", 1<<16)),
		Height:          int(o.count("height", 1<<16)),
		FramesPerSecond: o.number("framesPerSecond", 1e6),
		Bitrate:         int64(o.count("bitrate", 1<<53)),
		PacketsSent:     o.count("packetsSent", 1<<53),
		PacketsLost:     o.count("packetsLost", 1<<53),
	}
	s.RoundTrip = time.Duration(math.Round(o.number("roundTripMs", 1e9) * float64(time.Millisecond)))
	return s
}
