package v4l2

import (
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// encode is what the firmware does: it counts pictures at the rate it was told,
// and obeys the controls.
func (c *fakeCodecFile) encode(b *fakeBuffer) []byte {
	config := capture.EncoderConfig{Bitrate: capture.Bitrate(c.values[controlBitrate]), FrameRate: c.interval.Rate(), Threads: 1}
	if c.firmware == nil {
		firmware, err := c.fake.firmware(config)
		if err != nil {
			panic(err)
		}
		c.firmware, c.now = firmware, time.Unix(1e9, 0)
	}
	if err := c.firmware.SetBitrate(config.Bitrate); err != nil {
		panic(err)
	}
	c.since++
	force := c.forced == 1
	if c.forced > 0 {
		c.forced--
	}
	for _, id := range []uint32{controlIPeriod, controlGOPSize} {
		if period, ok := c.values[id]; ok && int64(c.since) > period {
			force = true
		}
	}
	frame := c.frame(b)
	frame.Time = c.now
	c.now = c.now.Add(c.interval.Duration())
	au, err := c.firmware.Encode(frame, force)
	if err != nil {
		panic(err)
	}
	if au.Keyframe {
		c.since = 1
	}
	return c.dress(au)
}

// frame is the visible part of a raw buffer.
func (c *fakeCodecFile) frame(b *fakeBuffer) *capture.Frame {
	f := c.queues[rawSide].format
	raw := Format{PixelFormat: f.pixelFormat, Size: f.size}
	for _, bytes := range f.bytes {
		raw.Memory = append(raw.Memory, Memory{Stride: f.stride, Size: bytes})
	}
	planes, err := raw.layout()
	if err != nil {
		panic(err)
	}
	out := capture.NewFrame(c.visible)
	cw, ch := out.Width/2, out.Height/2
	from := func(i int) ([]byte, int) { return b.memory[planes[i].memory][planes[i].offset:], planes[i].stride }
	luma, stride := from(0)
	capture.CopyPlane(out.Y, out.YStride, luma, stride, out.Width, out.Height)
	if len(planes) == 3 {
		for i, plane := range [][]byte{out.U, out.V} {
			chroma, stride := from(1 + i)
			capture.CopyPlane(plane, out.UVStride, chroma, stride, cw, ch)
		}
		return out
	}
	first, second := out.U, out.V
	if raw.PixelFormat.crFirst() {
		first, second = out.V, out.U
	}
	chroma, stride := from(1)
	for y := range ch {
		for x := range cw {
			pair := chroma[y*stride+2*x:]
			first[y*out.UVStride+x], second[y*out.UVStride+x] = pair[0], pair[1]
		}
	}
	return out
}

// dress gives the stream the parameter sets that the controls ask for.
func (c *fakeCodecFile) dress(au *capture.AccessUnit) []byte {
	_, picture := splitSets(au.Payload)
	if !au.Keyframe {
		return picture
	}
	repeat := c.values[controlRepeatHeaders] != 0
	if c.delivered && !repeat {
		return picture
	}
	c.delivered = true
	sets, _ := splitSets(au.Payload)
	sets = append([]byte(nil), sets...)
	// Right after the start code and the type. What nobody asked for is main:
	// high has fields in its SPS that the others lack.
	profiles := map[int64]byte{0: 66, 1: 66, 2: 77, 4: 100}
	sets[5], sets[6] = 77, 0
	if profile, ok := c.values[controlProfile]; ok {
		sets[5] = profiles[profile]
	}
	levels := []byte{10, 0, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52}
	if level, ok := c.values[controlLevel]; ok {
		sets[7] = levels[level]
	}
	return append(sets, picture...)
}

// splitSets cuts a stream into parameter sets and the rest, each NAL unit behind
// a start code of four bytes.
func splitSets(stream []byte) (sets, picture []byte) {
	for nal := range h264.NALs(stream) {
		unit := append([]byte(h264.StartCode), nal...)
		if t := h264.TypeOf(nal); t == h264.TypeSPS || t == h264.TypePPS {
			sets = append(sets, unit...)
		} else {
			picture = append(picture, unit...)
		}
	}
	return sets, picture
}
