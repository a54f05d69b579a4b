package wire

import (
	"slices"
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

// decode returns the message; if there is an error in it, o has it. The types
// that may do without an id come first.
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
		if o.has("on") {
			return signal.Watch{ID: decodeID(o), On: o.flag("on")}
		}
		return signal.Report{ID: id, Stats: decodeStats(o)}
	case signal.TypePullInit:
		return signal.PullInit{ID: decodeID(o)}
	case signal.TypePullStart:
		return signal.PullStart{ID: decodeID(o)}
	case signal.TypeOffer:
		return signal.Offer{ID: decodeID(o), SDP: decodeDescription(o, kind)}
	case signal.TypeAnswer:
		return signal.Answer{ID: decodeID(o), SDP: decodeDescription(o, kind)}
	case signal.TypeCandidate:
		return signal.Trickle{ID: decodeID(o), Candidate: decodeCandidate(o)}
	case signal.TypeQuality:
		return signal.Quality{ID: decodeID(o), Rendition: o.text("rendition", maxName)}
	case signal.TypeRestart:
		return signal.Restart{ID: decodeID(o)}
	case signal.TypeBye:
		return signal.Bye{ID: decodeID(o)}
	}
	o.fail(signal.UnknownType, "no message has the type %q", kind)
	return nil
}

// decodeID reads the id of a message that has to have one.
func decodeID(o *object) string { return o.text("id", signal.MaxID) }

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
	if o.has("waiting") {
		c.Waiting = o.flag("waiting")
	}
	known := []string{signal.CameraIdle, signal.CameraOpening, signal.CameraLive, signal.CameraLost}
	if o.err == nil && !slices.Contains(known, c.State) {
		o.fail(signal.BadMessage, "camera: want one of %q, not %q", known, c.State)
	}
	return c
}
