package packetizer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pion/rtp/codecs"
	"github.com/pushcam/pushcam/capture"
)

// TestVP8Stamps: what a viewer is not sent leaves no trace in what it is sent.
func TestVP8Stamps(t *testing.T) {
	pattern := []capture.AccessUnit{{}, {Layer: 2, LayerSync: true}, {Layer: 1, LayerSync: true}, {Layer: 2}}
	for name, tt := range map[string]struct {
		sent func(i int, au *capture.AccessUnit) bool
		want []string // picture id, TL0PICIDX, TID, Y
	}{
		"all": {
			func(int, *capture.AccessUnit) bool { return true },
			[]string{"7fff 255 0 0", "0 255 2 1", "1 255 1 1", "2 255 2 0", "3 0 0 0", "4 0 2 1", "5 0 1 1", "6 0 2 0", "7 1 0 0", "8 1 2 1", "9 1 1 1", "a 1 2 0"},
		},
		"without layer 2": {
			func(_ int, au *capture.AccessUnit) bool { return au.Layer < 2 },
			[]string{"7fff 255 0 0", "0 255 1 1", "1 0 0 0", "2 0 1 1", "3 1 0 0", "4 1 1 1"},
		},
		"layer 0 only": {
			func(_ int, au *capture.AccessUnit) bool { return au.Layer == 0 },
			[]string{"7fff 255 0 0", "0 0 0 0", "1 1 0 0"},
		},
		"up in the middle": {
			func(i int, au *capture.AccessUnit) bool { return i >= 5 || au.Layer == 0 },
			[]string{"7fff 255 0 0", "0 0 0 0", "1 0 2 1", "2 0 1 1", "3 0 2 0", "4 1 0 0", "5 1 2 1", "6 1 1 1", "7 1 2 0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(Config{Codec: capture.VP8, RTXSSRC: 8}, epoch)
			p.vp8 = vp8Stamp{pictureID: 0x7ffe, base: 254}
			var got []string
			for i := range 3 * len(pattern) {
				form := &pattern[i%len(pattern)]
				if !tt.sent(i, form) {
					continue
				}
				var packets []sent
				au := &capture.AccessUnit{Codec: capture.VP8, Time: epoch, Layer: form.Layer, LayerSync: form.LayerSync, Payload: unit(1, 3000)}
				if _, _, err := p.Packetize(au, epoch, recorder(&packets)); err != nil {
					t.Fatal(err)
				}
				for j, k := range packets {
					d := codecs.VP8Packet{}
					if _, err := d.Unmarshal(k.payload); err != nil || (d.S == 1) != (j == 0) || d.PID != 0 || d.I&d.L&d.T != 1 {
						t.Errorf("packet %d: %+v, %v", j, d, err)
					}
					line := fmt.Sprintf("%x %d %d %d", d.PictureID, d.TL0PICIDX, d.TID, d.Y)
					if j == 0 {
						got = append(got, line)
					} else if line != got[len(got)-1] {
						t.Errorf("packet %d of a picture: %s, the first says %s", j, line, got[len(got)-1])
					}
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
