package viewer

import (
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
)

// Config is what a Viewer is made of. The zero value takes any codec over UDP
// and does not trickle.
type Config struct {
	// Network is shared by many Viewers; nil makes one for this Viewer alone.
	Network *Network
	// Codecs are those it accepts, in order of preference where it makes the
	// offer; none means all that package capture knows.
	Codecs []capture.Codec
	// Requested is when the person asked for the picture, from which the join
	// time counts; zero means the call of New.
	Requested time.Time
	// Estimates has it estimate what the path carries, and tell the sender
	// (REMB), as Chromium does where it is asked to.
	Estimates bool
	// OnCandidate gets each of our candidates as it is found, perhaps before
	// Answer or Offer returns, from a goroutine of pion's: it must not block.
	// With nil they are all in the SDP that Answer and Offer return, which
	// then wait for them.
	OnCandidate func(webrtc.ICECandidateInit)
	// OnPicture gets every complete picture, decodable or not, from the
	// goroutine that receives: while it runs nothing is received, and it must
	// not call Close.
	OnPicture func(Picture)
}
