//go:build cgo && linux

package packetizer_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/packetizer"
)

var keep = flag.Bool("keep", false, "leave the recordings in .build/rtp, as when a test fails")

// Where the recorded packets went.
const (
	payloadType = 96
	port        = 5004
)

// recording is what one viewer was sent: pictures, and the packets made of them.
type recording struct {
	t       *testing.T
	codec   capture.Codec
	units   []*capture.AccessUnit
	packets [][]byte // RTP
	times   []time.Time
}

// record packetizes pictures as for a viewer that negotiated all extensions.
func record(t *testing.T, codec capture.Codec, units []*capture.AccessUnit) *recording {
	t.Helper()
	r := &recording{t: t, codec: codec, units: units}
	p := packetizer.New(packetizer.Config{
		Codec: codec, PayloadType: payloadType, SSRC: 0x70757368,
		Extensions: packetizer.Extensions{AbsSendTime: 1, AbsCaptureTime: 2, PlayoutDelay: 3, MID: 4, MIDValue: "0"},
	}, units[0].Time)
	for _, au := range units {
		now := au.Time.Add(5 * time.Millisecond)
		packets, _, err := p.Packetize(au, now, func(h *rtp.Header, payload []byte) error {
			packet, err := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
			r.packets, r.times = append(r.packets, packet), append(r.times, now)
			return err
		})
		if err != nil || packets == 0 {
			t.Fatalf("%d packets, %v", packets, err)
		}
	}
	t.Cleanup(r.keep)
	return r
}

// keep leaves the packets to be looked at.
func (r *recording) keep() {
	if !*keep && !r.t.Failed() {
		return
	}
	dir := filepath.Join("..", "..", ".build", "rtp")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Error(err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(r.t.Name(), "/", "-")+".pcap")
	if err := os.WriteFile(path, r.pcap(), 0o644); err != nil {
		r.t.Error(err)
	}
	r.t.Logf("packets are in %s", path)
}

// pcap is the recording as libpcap's file format, of IPv4 packets without a
// link layer (LINKTYPE_RAW).
func (r *recording) pcap() []byte {
	le, be := binary.LittleEndian, binary.BigEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 1<<16)
	b = le.AppendUint32(b, 101)
	for i, packet := range r.packets {
		size := 20 + 8 + len(packet)
		b = le.AppendUint32(b, uint32(r.times[i].Unix()))
		b = le.AppendUint32(b, uint32(r.times[i].Nanosecond()/1000))
		b = le.AppendUint32(b, uint32(size))
		b = le.AppendUint32(b, uint32(size))
		b = append(b, 0x45, 0)
		b = be.AppendUint16(b, uint16(size))
		b = append(b, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
		b = be.AppendUint16(b, port)
		b = be.AppendUint16(b, port)
		b = be.AppendUint16(b, uint16(8+len(packet)))
		b = append(b, 0, 0)
		b = append(b, packet...)
	}
	return b
}

// framed is the recording as RFC 4571 frames it for a byte stream.
func (r *recording) framed() (b []byte) {
	for _, packet := range r.packets {
		b = binary.BigEndian.AppendUint16(b, uint16(len(packet)))
		b = append(b, packet...)
	}
	return b
}

// severe is how tshark marks an error; it also has remarks and warnings, as that
// it did not decode a slice.
const severe = "8388608"

// dissect has tshark take the packets apart. It returns a row of fields for
// each, and fails when tshark complains.
func (r *recording) dissect(fields ...string) [][]string {
	r.t.Helper()
	name := strings.ToLower(r.codec.String())
	args := []string{
		"-n", "-r", "-", "-T", "fields", "-E", "separator=,", "-E", "aggregator=+",
		"-d", fmt.Sprintf("udp.port==%d,rtp", port), "-d", fmt.Sprintf("rtp.pt==%d,%s", payloadType, name),
	}
	all := slices.Concat([]string{"frame.protocols", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message"}, fields)
	for _, field := range all {
		args = append(args, "-e", field)
	}
	out := r.run("tshark", args, r.pcap())
	var rows [][]string
	for line := range strings.Lines(out) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), ",")
		if !strings.HasSuffix(row[0], ":rtp:"+name) || row[1] != "" || strings.Contains(row[2], severe) {
			r.t.Fatalf("packet %d: tshark says %q", len(rows), row)
		}
		rows = append(rows, row[4:])
	}
	if len(rows) != len(r.packets) {
		r.t.Fatalf("tshark found %d packets, want %d", len(rows), len(r.packets))
	}
	return rows
}

// depayload has GStreamer make pictures of the packets.
func (r *recording) depayload() (pictures [][]byte) {
	r.t.Helper()
	dir := r.t.TempDir()
	depayloader, after := "rtpvp8depay", "video/x-vp8"
	if r.codec == capture.H264 {
		depayloader, after = "rtph264depay", "video/x-h264,stream-format=byte-stream,alignment=au"
	}
	caps := fmt.Sprintf("application/x-rtp-stream,media=video,clock-rate=%d,encoding-name=%s,payload=%d",
		packetizer.ClockRate, strings.ToUpper(r.codec.String()), payloadType)
	r.run("gst-launch-1.0", []string{
		"-q", "fdsrc", "!", caps, "!", "rtpstreamdepay", "!", depayloader, "!", after,
		"!", "multifilesink", "next-file=buffer", "location=" + filepath.Join(dir, "%05d"),
	}, r.framed())
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, entry := range entries { // sorted
		picture, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			r.t.Fatal(err)
		}
		pictures = append(pictures, picture)
	}
	return pictures
}

func (r *recording) run(name string, args []string, in []byte) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), name, args...)
	var out, log bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &log
	if err := cmd.Run(); err != nil {
		r.t.Fatalf("%s: %v\n%s\n%s", name, err, log.String(), out.String())
	}
	return out.String()
}
