package signal

// Type names a kind of Message, as the wire does.
type Type string

// The types of messages. The first six are the old protocol, which existing
// viewers and relays speak; viewers ignore types that they do not know.
const (
	TypePushInit  Type = "push_init"
	TypePullInit  Type = "pull_init"
	TypePullStart Type = "pull_start"
	TypeOffer     Type = "offer"
	TypeAnswer    Type = "answer"
	TypeCandidate Type = "candidate"
	TypeQuality   Type = "quality"
	TypeRestart   Type = "restart"
	TypeBye       Type = "bye"
	TypeError     Type = "error"
	TypeState     Type = "state"
	TypeStats     Type = "stats"
)

// Message is one signaling message: one of the types in this file, or *Error.
// The set is closed. An ID is the name that a viewer gave itself.
type Message interface {
	// Type is the message's type on the wire.
	Type() Type
}

type (
	// PushInit, from the pusher to a relay: I am the pusher.
	PushInit struct{}
	// PullInit, from a viewer: I am viewer ID.
	PullInit struct{ ID string }
	// PullStart, from a viewer: start sending to me. For an ID that is being
	// sent to already it means: start again.
	PullStart struct{ ID string }
	// Offer, to a viewer.
	Offer struct{ ID, SDP string }
	// Answer, from a viewer.
	Answer struct{ ID, SDP string }
	// Trickle is one candidate. Viewers send theirs; a pusher may send those
	// that its offer did not have, which ours never does.
	Trickle struct {
		ID        string
		Candidate Candidate
	}
	// Quality, from a viewer: send me this rendition, or a smaller one while
	// my path does not carry it; the best of all when it is RenditionAuto.
	Quality struct{ ID, Rendition string }
	// Restart, from a viewer that has answered: send me the offer again, with
	// other ICE credentials, as I have lost the path (RFC 8839 section 4.4.1.1).
	Restart struct{ ID string }
	// Watch, from a viewer: send me a Report now and every second, or no more of
	// them. On the wire it is "stats" with the member "on".
	Watch struct {
		ID string
		On bool
	}
	// Bye, from a viewer: ID is done.
	Bye struct{ ID string }
	// State, to a viewer: what the camera does.
	State struct {
		ID     string
		Camera CameraState
	}
	// Report, to a viewer that asked to Watch: the Stats of its session.
	Report struct {
		ID    string
		Stats Stats
	}
)

// RenditionAuto is the Rendition of a viewer that leaves the choice to us.
const RenditionAuto = "auto"

// Type implements Message.
func (PushInit) Type() Type { return TypePushInit }

// Type implements Message.
func (PullInit) Type() Type { return TypePullInit }

// Type implements Message.
func (PullStart) Type() Type { return TypePullStart }

// Type implements Message.
func (Offer) Type() Type { return TypeOffer }

// Type implements Message.
func (Answer) Type() Type { return TypeAnswer }

// Type implements Message.
func (Trickle) Type() Type { return TypeCandidate }

// Type implements Message.
func (Quality) Type() Type { return TypeQuality }

// Type implements Message.
func (Restart) Type() Type { return TypeRestart }

// Type implements Message.
func (Watch) Type() Type { return TypeStats }

// Type implements Message.
func (Bye) Type() Type { return TypeBye }

// Type implements Message.
func (*Error) Type() Type { return TypeError }

// Type implements Message.
func (State) Type() Type { return TypeState }

// Type implements Message.
func (Report) Type() Type { return TypeStats }

// IDOf returns the viewer that m is from or for; empty when it names none.
func IDOf(m Message) string {
	switch m := m.(type) {
	case PullInit:
		return m.ID
	case PullStart:
		return m.ID
	case Offer:
		return m.ID
	case Answer:
		return m.ID
	case Trickle:
		return m.ID
	case Quality:
		return m.ID
	case Restart:
		return m.ID
	case Watch:
		return m.ID
	case Bye:
		return m.ID
	case *Error:
		return m.ID
	case State:
		return m.ID
	case Report:
		return m.ID
	}
	return ""
}
