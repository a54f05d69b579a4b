package packetizer

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pushcam/pushcam/capture"
)

// film sends pictures of several packets each, 30 a second.
type film struct {
	*Packetizer
	t       *testing.T
	at      time.Time
	packets []sent
}

func newFilm(t *testing.T, cfg Config) *film {
	return &film{Packetizer: New(cfg, epoch), t: t, at: epoch.Add(time.Second)}
}

func (f *film) shoot(pictures int, keyframe bool) {
	f.t.Helper()
	for range pictures {
		f.at = f.at.Add(time.Second / 30)
		au := &capture.AccessUnit{Codec: f.cfg.Codec, Keyframe: keyframe, Time: f.at, Payload: annexB(unit(0x41, 5000))}
		if _, _, err := f.Packetize(au, f.at.Add(10*time.Millisecond), recorder(&f.packets)); err != nil {
			f.t.Fatal(err)
		}
	}
}

// again asks for a packet and returns what comes, nil for nothing.
func (f *film) again(sequence uint16, roundTrip time.Duration, want Outcome) *sent {
	f.t.Helper()
	var packets []sent
	got, err := f.Resend(sequence, f.at.Add(20*time.Millisecond), roundTrip, recorder(&packets))
	if err != nil {
		f.t.Fatal(err)
	}
	if got != want || len(packets) > 1 || (len(packets) == 1) != (got == Repeated) {
		f.t.Errorf("resend %d: %v, %d packets; want %v", sequence, got, len(packets), want)
	}
	if len(packets) == 0 {
		return nil
	}
	return &packets[0]
}

var allExtensions = Extensions{AbsSendTime: 1, AbsCaptureTime: 2, PlayoutDelay: 3, MID: 4, MIDValue: "0"}

func TestResend(t *testing.T) {
	for _, codec := range capture.Codecs() {
		t.Run(codec.String(), func(t *testing.T) {
			f := newFilm(t, Config{Codec: codec, PayloadType: 96, SSRC: 7, RTXPayloadType: 97, RTXSSRC: 8, Extensions: allExtensions})
			f.shoot(1, true)
			f.shoot(5, false)
			first := f.rtxNext
			for i, orig := range f.packets {
				k := f.again(orig.SequenceNumber, 0, Repeated)
				if k == nil {
					t.Fatalf("packet %d is not sent again", i)
				}
				if k.SSRC != 8 || k.PayloadType != 97 || k.Timestamp != orig.Timestamp || k.Marker != orig.Marker || k.SequenceNumber != first+uint16(i) {
					t.Errorf("retransmission %d: header %+v of %+v", i, k.Header, orig.Header)
				}
				want := append([]byte{byte(orig.SequenceNumber >> 8), byte(orig.SequenceNumber)}, orig.payload...)
				if !bytes.Equal(k.payload, want) {
					t.Errorf("retransmission %d: payload differs", i)
				}
				for id := uint8(2); id <= 4; id++ {
					if !bytes.Equal(k.GetExtension(id), orig.GetExtension(id)) {
						t.Errorf("retransmission %d: extension %d is %x, was %x", i, id, k.GetExtension(id), orig.GetExtension(id))
					}
				}
				if bytes.Equal(k.GetExtension(1), orig.GetExtension(1)) {
					t.Errorf("retransmission %d: sent at the same time", i)
				}
			}
		})
	}
}

// TestResendWithoutRTX: what a viewer gets that knows no RTX is the same packet
// to the last bit, as it is encrypted with the same nonce.
func TestResendWithoutRTX(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.VP8, PayloadType: 96, SSRC: 7, Extensions: allExtensions})
	f.shoot(1, true)
	f.shoot(40, false) // with and without all extensions
	for _, orig := range f.packets[len(f.packets)-100:] {
		k := f.again(orig.SequenceNumber, 0, Repeated)
		f.repeats.budget = mostRepeats
		a, b := rtp.Packet{Header: orig.Header, Payload: orig.payload}, rtp.Packet{Header: k.Header, Payload: k.payload}
		was, err := a.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		is, err := b.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(was, is) {
			t.Fatalf("packet %d was\n%x, is\n%x", orig.SequenceNumber, was, is)
		}
	}
}

func TestWhatIsNotSentAgain(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.H264, RTXSSRC: 8})
	f.again(1, 0, NeverSent) // before the first picture
	f.shoot(1, true)
	start := f.packets[0].SequenceNumber
	f.again(start-1, 0, NeverSent)
	f.again(f.next, 0, NeverSent)
	f.again(f.next+1<<14, 0, NeverSent)
	f.again(start, 0, Repeated)

	f.shoot(1, false)
	f.shoot(1, true)
	f.again(start, 0, Superseded)
	keyframe := f.packets[len(f.packets)-1].SequenceNumber
	f.again(keyframe, 0, Repeated)

	f.shoot(historyLength-1, false)
	f.again(keyframe-1, 0, Repeated)
	f.shoot(1, false)
	f.again(keyframe-2, 0, TooOld)
	f.again(keyframe+1, 0, Repeated)
	f.again(start, 0, Superseded)
}

func TestSequenceNumbersWrap(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.H264, RTXSSRC: 8})
	f.next = 0xffff - 20
	f.shoot(1, true)
	f.shoot(10, false)
	for _, k := range f.packets {
		f.again(k.SequenceNumber, 0, Repeated)
	}
	// So many packets later old numbers mean new packets.
	for range 1<<16/5 + 1 {
		f.shoot(1, false)
		f.packets = f.packets[max(0, len(f.packets)-5):]
	}
	f.again(f.packets[0].SequenceNumber, 0, Repeated)
	f.again(f.packets[0].SequenceNumber-5*historyLength, 0, TooOld)
}

func TestNotTwiceInARoundTrip(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.H264, RTXSSRC: 8})
	f.shoot(1, true)
	sequence := f.packets[0].SequenceNumber
	const roundTrip = 100 * time.Millisecond
	f.again(sequence, roundTrip, Repeated)
	f.again(sequence, roundTrip, TooSoon)
	f.again(sequence+1, roundTrip, Repeated)
	f.at = f.at.Add(60 * time.Millisecond)
	f.again(sequence, roundTrip, TooSoon)
	f.at = f.at.Add(40 * time.Millisecond)
	f.again(sequence, roundTrip, Repeated)
	f.again(sequence, 0, TooSoon) // nor at once, when nothing is known
}

// TestRepeatBudget: who asks for everything again, all the time, gets his share.
func TestRepeatBudget(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.H264, RTXSSRC: 8})
	f.shoot(1, true)
	sentBytes, repeated := 0, 0
	for range 300 {
		f.shoot(1, false)
		for _, k := range f.packets[len(f.packets)-5:] {
			sentBytes += len(k.payload)
		}
		for _, k := range f.packets[max(0, len(f.packets)-100):] {
			outcome, err := f.Resend(k.SequenceNumber, f.at, time.Millisecond, func(_ *rtp.Header, payload []byte) error {
				repeated += len(payload)
				return nil
			})
			if err != nil || outcome != Repeated && outcome != OverBudget && outcome != TooSoon {
				t.Fatal(outcome, err)
			}
		}
	}
	if want := sentBytes/repeatShare + mostRepeats; repeated < want*9/10 || repeated > want+MaxPayload+rtxHeaderSize+5000 {
		t.Errorf("%d bytes again for %d of pictures, want about %d", repeated, sentBytes, want)
	}
}

// TestBrokenOff: the part of a picture that could not be written can be asked
// for as if it was lost, and the next picture leaves room for it.
func TestBrokenOff(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.H264, RTXSSRC: 8})
	full := errors.New("full")
	au := &capture.AccessUnit{Codec: capture.H264, Keyframe: true, Time: epoch, Payload: annexB(unit(0x65, 5000))}
	first, n := f.next, 0
	packets, _, err := f.Packetize(au, epoch, func(*rtp.Header, []byte) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if packets != 2 || !errors.Is(err, full) {
		t.Errorf("%d packets, %v", packets, err)
	}
	f.shoot(1, false)
	if got := f.packets[0].SequenceNumber; got != first+5 {
		t.Errorf("the next picture begins with %d, want %d", got, first+5)
	}
	if k := f.again(first+4, 0, Repeated); k != nil && !k.Marker {
		t.Error("the last packet has no marker")
	}
}

func TestOutcomes(t *testing.T) {
	for outcome := Repeated; outcome <= OverBudget; outcome++ {
		if s := outcome.String(); strings.HasPrefix(s, "outcome(") {
			t.Errorf("outcome %d has no name", outcome)
		}
	}
}
