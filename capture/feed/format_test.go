package feed

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var formatTests = []struct {
	name, data string
	want       format
	about      string // that the error says
}{
	{"Y4M", "YUV4MPEG2 W16 H16", formatY4M, ""},
	{"JPEG", "\xff\xd8\xff\xe0", formatMJPEG, ""},
	{"multipart", "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 10\r\n\r\n\xff\xd8\xff\xdb", formatMJPEG, ""},
	{"HTTP", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n--b\r\n\r\n\xff\xd8\xff\xdb", formatMJPEG, ""},
	{"JPEG from its middle", strings.Repeat("abc\xff\x00", 500) + "\xff\xd9\xff\xd8\xff\xe0", formatMJPEG, ""},
	{"Annex B", "\x00\x00\x00\x01\x67\x42", formatH264, ""},
	{"Annex B, short start code", "\x00\x00\x01\x27\x42", formatH264, ""},
	{"Annex B with a delimiter", "\x00\x00\x00\x01\x09\xf0\x00\x00\x00\x01\x67", formatH264, ""},
	{"Annex B from its middle", strings.Repeat("abcdefgh", 100) + "\x00\x00\x01\x41\x9a\x00\x00\x01\x67\x42", formatH264, ""},
	{"H.265", "\x00\x00\x00\x01\x40\x01\x0c", unknown, "is H.265: want Y4M"},
	{"MP4", "\x00\x00\x00\x20ftypisom", unknown, "is MP4: want Y4M"},
	{"Matroska", "\x1a\x45\xdf\xa3\x01", unknown, "is Matroska"},
	{"MPEG-TS", "G" + strings.Repeat("\x00\x10", 94)[:187] + "G", unknown, "is MPEG-TS"},
	{"AVI", "RIFF\x00\x00\x00\x00AVI ", unknown, "is AVI"},
	{"text", "usage: rpicam-vid [options]\n", unknown, `begins with "usage: rpicam-vi": want Y4M`},
	{"anything, and much of it", strings.Repeat("\x00", 100000), unknown, "ffmpeg writes them"},
	{"nothing", "", unknown, "EOF"},
}

func TestSniff(t *testing.T) {
	for _, tt := range formatTests {
		t.Run(tt.name, func(t *testing.T) {
			for how, in := range map[string]io.Reader{
				"at once":      strings.NewReader(tt.data),
				"byte by byte": iotest.OneByteReader(strings.NewReader(tt.data)),
			} {
				got, err := sniff(bufio.NewReaderSize(in, inputSize))
				if got != tt.want || (err == nil) != (tt.about == "") || err != nil && !strings.Contains(err.Error(), tt.about) {
					t.Errorf("%s: %v, %v", how, got, err)
				}
			}
		})
	}
}

// TestSniffDoesNotWait: what is live may pause after its first bytes.
func TestSniffDoesNotWait(t *testing.T) {
	for _, tt := range formatTests {
		if tt.want == unknown {
			continue
		}
		in := io.MultiReader(strings.NewReader(tt.data), iotest.ErrReader(errors.New("read on")))
		if got, err := sniff(bufio.NewReaderSize(in, inputSize)); got != tt.want {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
}
