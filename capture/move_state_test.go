package capture

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMoveStates is about the order in which things can happen, one by one. A
// picture is its rung and time, a keyframe is in capitals; "hold 3" is that the
// new rung is about to encode a keyframe of 3.
func TestMoveStates(t *testing.T) {
	for _, tt := range []struct {
		name, events, want string
		rung               Rung
		asks               bool // for another keyframe
	}{
		{"at the keyframe", "F1 f2 move hold3 H3 f3 h4", "F1 f2 H3 h4", Half, false},
		{"the old one is faster", "F1 f2 move hold3 f3 H3 f4 h4", "F1 f2 H3 h4", Half, false},
		{"and behind", "F1 move hold3 f2 f3 H3 h4", "F1 f2 H3 h4", Half, false},
		{"pictures before the keyframe are not for us", "F1 move h1 f2 h2 hold3 H3", "F1 f2 H3", Half, false},
		{"a keyframe of old", "F1 f2 move H2 f3 h3 hold4 H4 f4", "F1 f2 f3 H4", Half, true},
		{"too late", "F1 move hold2 f2 f3 f4 f5 H2 f6 hold7 H7", "F1 f2 f3 f4 f5 f6 H7", Half, true},
		{"held pictures go out after a late keyframe", "F1 f2 move hold2 f3 H2", "F1 f2 f3", Full, true},
		{"back", "F1 move hold2 f2 back H2 f3", "F1 f2 f3", Full, false},
		{"the encoder fails", "F1 move hold2 f2 fail f3", "F1 f2 f3", Full, false},
		{"nothing was held", "F1 move fail f2 back f3", "F1 f2 f3", Full, false},
		{"keyframes of the old one", "F1 move hold2 F2 H2", "F1 H2", Half, false},
		{"a reader that was behind", "F1 f2 f3 f4 f5 f6 f7 f8 move hold9 H9 h10", "H9 h10", Half, false},
		{"a reader that waits for a keyframe", "f1 move f2 hold3 f3 H3", "H3", Half, false},
		{"after the end", "F1 move close hold2 H2 f2 fail back", "", Full, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source, err := NewSource(SourceConfig{Camera: nameOnly{}, Encoding: EncoderConfig{Bitrate: Mbps, FrameRate: 30}})
			if err != nil {
				t.Fatal(err)
			}
			place := func(rung Rung) *rendition {
				r := newRendition(source, renditionKey{H264, rung}, newThrift(nil, 2))
				r.places = 2 // one is another's
				return r
			}
			full, half := place(Full), place(Half)
			s := newSubscription(full)
			s.started = true
			full.begin(s)
			for _, event := range strings.Fields(tt.events) {
				switch event {
				case "move":
					s.move.to = half
					half.begin(s)
					half.leave(s) // means nothing for who is there again
					half.wantKeyframe.Store(false)
				case "back":
					s.cancel()
					half.leave(s)
				case "fail":
					s.unhold(half)
				case "close":
					s.end()
				default:
					event, rung, at := parseEvent(t, event)
					if event == "hold" {
						s.hold(half, at)
						continue
					}
					r := []*rendition{full, half}[rung]
					s.deliver(r, &AccessUnit{Rung: rung, Keyframe: event == "key", Time: at})
				}
			}
			var got []string
			for _, au := range s.queue {
				letter := map[bool]string{true: "FHQ", false: "fhq"}[au.Keyframe][au.Rung]
				got = append(got, fmt.Sprintf("%c%d", letter, au.Time.Unix()))
			}
			if strings.Join(got, " ") != tt.want || s.Rung() != tt.rung {
				t.Errorf("at %v: %v, want %v: %s", s.Rung(), got, tt.rung, tt.want)
			}
			for _, r := range []*rendition{full, half} {
				if reads := slices.Contains(r.reading(), s); reads != s.wants(r) && !s.closed {
					t.Errorf("reads the %v rendition: %t", r.rung, reads)
				}
			}
			if asks := half.wantKeyframe.Load(); asks != tt.asks {
				t.Errorf("asks for another keyframe: %t", asks)
			}
		})
	}
}

// parseEvent takes "F1", "h2" or "hold3" apart.
func parseEvent(t *testing.T, text string) (what string, rung Rung, at time.Time) {
	t.Helper()
	digits := strings.IndexAny(text, "0123456789")
	var second int64
	if _, err := fmt.Sscan(text[digits:], &second); err != nil {
		t.Fatal(err)
	}
	what, at = text[:digits], time.Unix(second, 0)
	switch i := strings.Index("FfHhQq", what); {
	case what == "hold":
	case i >= 0 && len(what) == 1:
		rung, what = Rung(i/2), []string{"key", "delta"}[i%2]
	default:
		t.Fatalf("event %q", text)
	}
	return what, rung, at
}

// TestOneMovesForAll: renditions that are too slow together may be so because of
// one of them.
func TestOneMovesForAll(t *testing.T) {
	type wish struct {
		why  cause
		cost float64
		want bool // moves
	}
	for name, wishes := range map[string][]wish{
		"what costs most":        {{causeSlow, 0.4, false}, {causeSlow, 0.9, true}, {causeHeat, 0.5, false}},
		"down before up":         {{causeEase, 0.9, false}, {causeCap, 0.1, true}, {causeEase, 0.1, false}},
		"up the first":           {{noCause, 0.9, false}, {causeEase, 0.2, true}, {causeEase, 0.3, false}},
		"decoding is for all":    {{causeDecoding, 0.1, true}, {causeDecoding, 0.2, true}, {noCause, 0.5, false}},
		"nobody":                 {{noCause, 0.1, false}},
		"decoding and encoding":  {{causeDecoding, 0.1, true}, {causeSlow, 0.9, true}, {causeSlow, 0.8, false}},
		"alone, up":              {{causeEase, 0.1, true}},
		"of two as dear the one": {{causeSlow, 0.5, true}, {causeSlow, 0.5, false}},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := NewSource(SourceConfig{Camera: nameOnly{}, Encoding: EncoderConfig{Bitrate: Mbps, FrameRate: 30}})
			if err != nil {
				t.Fatal(err)
			}
			s := &steward{Source: source}
			var all []judged
			for _, w := range wishes {
				r := newRendition(source, renditionKey{H264, Full}, newThrift(nil, 2))
				th := r.thrift
				th.at = 1
				th.rate, th.usual.encode, th.over = 30, w.cost, downAfter
				to := 2
				if w.why == causeEase {
					to = 0
				}
				all = append(all, judged{rendition: r, to: to, why: w.why})
			}
			s.decide(all)
			for i, w := range wishes {
				th := all[i].thrift
				if (th.at != 1) != w.want {
					t.Errorf("%d, %v of %v: at step %d", i, w.why, w.cost, th.at)
				}
				if anew := th.over == 0; anew != (name != "nobody" && (name != "decoding is for all" || w.want)) {
					t.Errorf("%d is measured anew: %t", i, anew)
				}
			}
		})
	}
}
