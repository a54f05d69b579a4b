package viewer

import (
	"errors"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// maxPicture bounds one picture's bytes; a 4K keyframe has 1 to 2 MB.
const maxPicture = 8 << 20

// errTooLarge breaks a picture longer than maxPicture.
var errTooLarge = errors.New("picture is too large")

// Picture is one whole encoded picture, as it is given to OnPicture.
type Picture struct {
	Codec capture.Codec
	// Size is that of the newest keyframe.
	Size     capture.Size
	Keyframe bool
	// Layer is the temporal layer, 0 where there are none.
	Layer uint8
	// Decodable says that no picture that this one refers to is missing, as far
	// as sequence numbers and the marks of layers tell.
	Decodable bool
	// Timestamp is the RTP timestamp, 90 kHz.
	Timestamp uint32
	// Received is when the last of its packets came, and FirstReceived when
	// the first came.
	Received, FirstReceived time.Time
	// Captured is the capture time in the sender's clock (abs-capture-time
	// extension), zero when it did not send one.
	Captured time.Time
	// Payload is an Annex B byte stream for H264, one frame for VP8. It is
	// valid until OnPicture returns.
	Payload []byte
}

// depacketizer knows one codec's RTP payload format. It belongs to the
// assembler.
type depacketizer interface {
	// begins reports whether a packet with this payload is certain to be a
	// picture's first: it is asked where packets before it are lost.
	begins(payload []byte) bool
	// place reads a payload's mark of layers.
	place(payload []byte) place
	// fresh reports whether it is certain to be a keyframe's first.
	fresh(payload []byte) bool
	// reset forgets a picture that was begun.
	reset()
	// add appends to the picture what the payload carries.
	add(picture, payload []byte) ([]byte, error)
	// finish looks at a picture of which every packet was added.
	finish(picture []byte) (keyframe bool, size capture.Size, err error)
}

// assembler makes pictures of packets in order. It belongs to one goroutine.
type assembler struct {
	codec capture.Codec
	depacketizer
	// emit gets every complete picture.
	emit func(Picture)
	// broken is told of every picture that stays incomplete and leaves what
	// comes after it undecodable up to the next keyframe.
	broken func()

	active bool // a picture has begun and not ended
	skip   bool // and it is broken: its rest is thrown away
	unsure bool // packets are lost before the next one
	chain  chain

	picture Picture
	place   place // of the picture
	buffer  []byte
	count   pictureCounts
}

// pictureCounts says what became of pictures.
type pictureCounts struct {
	complete, keyframes, undecodable, incomplete, malformed uint64
}

func newAssembler(codec capture.Codec, emit func(Picture), broken func()) *assembler {
	a := &assembler{codec: codec, emit: emit, broken: broken, unsure: true}
	switch codec {
	case capture.H264:
		a.depacketizer = &h264{}
	case capture.VP8:
		a.depacketizer = &vp8{}
	case capture.NoCodec:
		return nil
	}
	return a
}

// push takes the next packet in order; gap says that packets before it are
// lost.
func (a *assembler) push(p packet, gap bool) {
	if gap {
		if a.active && !a.skip {
			a.fail()
		}
		a.unsure = true
		if !a.active || p.timestamp != a.picture.Timestamp {
			a.chain.lost()
		}
	}
	if len(p.payload) == 0 { // padding, sent to probe the path
		return
	}
	if a.active && p.timestamp != a.picture.Timestamp {
		// No marker, yet nothing lost: the next picture ends this one
		// (RFC 6184 section 5.1 lets a receiver not rely on the marker).
		a.end()
	}
	if !a.active {
		a.begin(p)
	}
	a.unsure = false
	if !a.skip {
		a.add(p)
	}
	if p.marker {
		a.end()
	}
}

func (a *assembler) begin(p packet) {
	a.active, a.skip = true, false
	a.buffer = a.buffer[:0]
	a.reset()
	a.place = a.depacketizer.place(p.payload)
	a.picture = Picture{
		Codec: a.codec, Size: a.picture.Size, Timestamp: p.timestamp,
		FirstReceived: p.received, Received: p.received,
	}
	if a.unsure && !a.begins(p.payload) {
		a.fail()
	}
}

func (a *assembler) add(p packet) {
	if !p.captured.IsZero() {
		a.picture.Captured = p.captured
	}
	if p.received.After(a.picture.Received) {
		a.picture.Received = p.received
	}
	if p.received.Before(a.picture.FirstReceived) {
		a.picture.FirstReceived = p.received
	}
	var err error
	a.buffer, err = a.depacketizer.add(a.buffer, p.payload)
	if err == nil && len(a.buffer) > maxPicture {
		err = errTooLarge
	}
	if err != nil {
		a.count.malformed++
		a.fail()
	}
}

// end closes the picture and gives it out when it is whole.
func (a *assembler) end() {
	a.active = false
	if a.skip {
		return
	}
	keyframe, size, err := a.finish(a.buffer)
	if err != nil {
		a.count.malformed++
		a.fail()
		return
	}
	if keyframe {
		a.picture.Size = size
		a.count.keyframes++
	}
	decodable := a.chain.take(keyframe, a.place)
	if !decodable {
		a.count.undecodable++
	}
	a.count.complete++
	a.picture.Keyframe, a.picture.Decodable, a.picture.Payload = keyframe, decodable, a.buffer
	a.picture.Layer = a.place.layer
	a.emit(a.picture)
}

// fail breaks the current picture.
func (a *assembler) fail() {
	a.skip = true
	a.count.incomplete++
	a.chain.miss(a.place)
	if a.chain.broken() {
		a.broken()
	}
}
