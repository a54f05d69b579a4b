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
	for range 90 { // more than can be sent again, all from one keyframe on
		w.picture(t)
	}
	before := s.Stats()
	if before.Keyframes != 1 {
		t.Fatalf("%d keyframes", before.Keyframes)
	}
	ask := func(ago uint16) {
		v := s.current()
		hears(t, s, &rtcp.TransportLayerNack{MediaSSRC: v.ssrc, Nacks: []rtcp.NackPair{{PacketID: uint16(network.wire.newest.Load()) - ago}}})
	}
	ask(6 * 85)
	for n := 0; !w.picture(t).Keyframe; n++ {
		if n == 30 {
			t.Fatal("no keyframe within 30 pictures")
		}
	}
	if after := s.Stats(); after.Drops[DropRefused] != 1 || after.Resent != before.Resent {
		t.Errorf("%d refused, %d sent again", after.Drops[DropRefused], after.Resent-before.Resent)
	}
	ask(6 * 85)
	for range 30 {
		if w.picture(t).Keyframe {
			t.Fatal("a keyframe for what came before the last one")
		}
	}
}
