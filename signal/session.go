package signal

import (
	"context"
	"time"
)

// Session is our side of one viewer, as signaling needs it. Its methods may
// be called from any goroutine.
type Session interface {
	// Offer creates the offer (SDP) to send to the viewer, with all candidates
	// of ours in it. It is called once, and may take as long as ctx allows.
	Offer(ctx context.Context) (sdp string, err error)
	// Reoffer creates the offer anew, with other ICE credentials, which restarts
	// ICE. It is called when the last offer was answered; the new one is to be,
	// too. When it fails, the session is over.
	Reoffer(ctx context.Context) (sdp string, err error)
	// Answer applies the viewer's answer. An *Error is passed on to the viewer
	// as it is; one with code NoCodec ends the session.
	Answer(sdp string) error
	// AddCandidate adds one of the viewer's candidates. It may come before the
	// answer; the implementation holds it back.
	AddCandidate(Candidate) error
	// Choose sends this rendition from now on, or smaller ones while the path
	// does not carry it, and anything when it is RenditionAuto. It fails with an
	// *Error NoSuchRendition.
	Choose(rendition string) error
	// Stats is a snapshot, and cheap to take.
	Stats() Stats
	// Close ends the session and waits for what it owns. It is idempotent.
	Close() error
	// Done is closed when the session has ended, for whatever reason.
	Done() <-chan struct{}
}

// Sessions opens sessions. Its method may be called from any goroutine.
type Sessions interface {
	// Open makes a session for a viewer.
	//
	// An *Error is passed on to the viewer (Full, NoCodec, ...). The text of
	// any other error stays here: the viewer is told Internal. When Open fails
	// there is nothing to close.
	Open(ctx context.Context, viewer ViewerInfo) (Session, error)
}

// ViewerInfo is what is known of a viewer before there is a Session. All of
// it comes from the network and is good for logs, not for decisions.
type ViewerInfo struct {
	ID         string // the name the viewer gave itself, at most MaxID bytes
	RemoteAddr string // host:port of its connection, or the relay's URL
	UserAgent  string // may be empty
}

// Candidate is an ICE candidate with the fields of RTCIceCandidateInit (W3C
// WebRTC section 4.8.1.1). Nil is JavaScript's null. An empty Candidate string
// says that there are no more (RFC 8838 section 14); sessions do not see it.
type Candidate struct {
	Candidate        string
	SDPMid           *string
	SDPMLineIndex    *uint16
	UsernameFragment *string
}

// Stats is a snapshot of one Session.
type Stats struct {
	Codec           string // "h264", "vp8"; empty before there is one
	Rendition       string // of the last picture sent
	Choice          string // the viewer's; set by the conversation
	Choices         []Choice
	Width, Height   int // pixels
	FramesPerSecond float64
	Layer           int           // the highest temporal layer being sent
	Bitrate         int64         // bit/s being sent
	Estimate        int64         // bit/s that the path carries, 0 when not known
	PacketsSent     uint64        // since the session began
	PacketsLost     uint64        // as the viewer reports it
	Loss            float64       // share of the packets lost lately, 0 to 1
	RoundTrip       time.Duration // 0 when not known
	// CaptureToSend is from a picture's capture until it has left: the median of
	// the last half minute or so, and what 95 of 100 stay below; 0 when not known.
	CaptureToSend struct{ P50, P95 time.Duration }
	// Time is when the snapshot was taken, and Timestamp the RTP timestamp (90
	// kHz) that a picture captured then would have: from the timestamp of what it
	// shows a viewer can tell how old that is. Zero when not known.
	Time      time.Time
	Timestamp uint32
}

// Choice is a rendition that a viewer may choose.
type Choice struct {
	Rendition     string
	Width, Height int // pixels
}

// The values of CameraState.State.
const (
	CameraIdle    = "idle"    // closed, as nobody looks
	CameraOpening = "opening" // being started
	CameraLive    = "live"    // delivering pictures
	CameraLost    = "lost"    // gone or failing; being retried
)

// CameraState is what viewers are told about the camera.
type CameraState struct {
	State  string // one of the Camera constants
	Detail string // for people: why, and what to do about it
	// Waiting: there are no pictures though the camera is live, and Detail says
	// what is waited for.
	Waiting bool
}

// States tells the camera's state. Its method may be called from any
// goroutine.
type States interface {
	// CameraState is the current state and a channel that is closed at its
	// next change.
	CameraState() (CameraState, <-chan struct{})
}
