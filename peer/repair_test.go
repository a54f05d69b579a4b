package peer

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pion/rtcp"

	"github.com/pushcam/pushcam/capture"
)

// TestRepairWithoutRTX: a viewer that knows NACK and not RTX gets what it lost.
func TestRepairWithoutRTX(t *testing.T) {
	r := newRig(t, testOptions{loseEach: 20, codecs: []capture.Codec{capture.VP8}})
	s, w := r.open(t), newWatching(t, capture.VP8)
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Answer(t.Context(), withoutRTX(offer))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(answer, "rtx") {
		t.Fatalf("RTX was negotiated:\n%s", answer)
	}
	if err := s.Answer(answer); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		w.picture(t)
	}
	got, sent := w.Stats(), s.Stats()
	if sent.Resent < 10 || got.RepairSSRC != 0 || got.PacketsLost > got.PacketsReceived/50 {
		t.Errorf("%d packets sent again; %d of %d lost for good, repairs from SSRC %d", sent.Resent, got.PacketsLost, got.PacketsReceived, got.RepairSSRC)
	}
}

// withoutRTX is the offer of one codec with nothing about RTX.
func withoutRTX(offer string) string {
	ssrc := regexp.MustCompile(`a=ssrc-group:FID \d+ (\d+)`).FindStringSubmatch(offer)[1]
	for _, line := range []string{`a=rtpmap:97 .*`, `a=fmtp:97 .*`, `a=rtcp-fb:97 .*`, `a=ssrc-group:FID .*`, `a=ssrc:` + ssrc + ` .*`} {
		offer = regexp.MustCompile(line+"\r\n").ReplaceAllString(offer, "")
	}
	return regexp.MustCompile(`(m=video .* 96) 97\r`).ReplaceAllString(offer, "$1\r")
}

// TestTooOldGetsAKeyframe: a packet that is gone cannot be sent again, and so a
// keyframe comes in its place; one before the last keyframe is of no use.
func TestTooOldGetsAKeyframe(t *testing.T) {
	network := newFakeNetwork(t, 0)
	r := newRig(t, testOptions{network: network, codecs: []capture.Codec{capture.VP8}})
	s, w := r.join(t)
	// A machine that has something else to do for a quarter of a second makes
	// keyframes of its own.
	undisturbed := func() bool { return s.Stats().Drops[DropOverflow] == 0 }
	keyframeWithin := func(pictures int) bool {
		for range pictures {
			if w.picture(t).Keyframe {
				return true
			}
		}
		return false
	}
	ask := func() {
		ago := uint16(6 * 85) // pictures of six packets
		nack := rtcp.NackPair{PacketID: uint16(network.wire.newest.Load()) - ago}
		hears(t, s, &rtcp.TransportLayerNack{MediaSSRC: s.current().ssrc, Nacks: []rtcp.NackPair{nack}})
	}
	w.picture(t)
	if keyframeWithin(90) && undisturbed() { // more than can be sent again
		t.Fatal("a keyframe that nobody asked for")
	}
	before := s.Stats()
	ask()
	if !keyframeWithin(30) {
		t.Fatal("no keyframe within 30 pictures")
	}
	if after := s.Stats(); undisturbed() && (after.Drops[DropRefused] != 1 || after.Resent != before.Resent) {
		t.Errorf("%d refused, %d sent again", after.Drops[DropRefused], after.Resent-before.Resent)
	}
	ask()
	if keyframeWithin(30) && undisturbed() {
		t.Error("a keyframe for what came before the last one")
	}
}
