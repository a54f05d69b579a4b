//go:build lab && linux

package main

import (
	"bytes"
	"encoding/binary"
)

// Kinds of control requests (USB 2.0 table 9-2).
const (
	standardIn    = 0x80
	standardOut   = 0x00
	standardOut1  = 0x01 // to an interface
	classIn       = 0xa1
	classOut      = 0x21
	getDescriptor = 6
)

// Requests of the Video Class (table A-8).
const (
	setCur  = 0x01
	getCur  = 0x81
	getMin  = 0x82
	getMax  = 0x83
	getRes  = 0x84
	getLen  = 0x85
	getInfo = 0x86
	getDef  = 0x87
)

// Selectors of what they are about (tables ).
const (
	probeControl      = 1
	commitControl     = 2
	brightnessControl = 2
)

// probe is a mode while it is negotiated (table 4-47).
type probe struct {
	Hint           uint16
	Format, Frame  byte
	Interval       uint32
	_              [5]uint16 // of formats that compress over time
	MaxFrameSize   uint32
	MaxPayloadSize uint32
}

// honest is the nearest mode that the camera has.
func (p probe) honest() probe {
	p.Format, p.MaxFrameSize, p.MaxPayloadSize = 1, maxFrameSize, packetSize
	if p.Frame < 1 || int(p.Frame) > len(frameSizes()) {
		p.Frame = 1
	}
	nearest := frameIntervals()[0]
	for _, i := range frameIntervals() {
		if distance(i, p.Interval) < distance(nearest, p.Interval) {
			nearest = i
		}
	}
	p.Interval = nearest
	return p
}

func distance(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// control answers a request of endpoint 0. What it does not know it refuses,
// which USB calls a stall.
func (d *device) control(s setup, data []byte) (answer []byte, ok bool) {
	selector := byte(s.Value.number() >> 8)
	entity, face := byte(s.Index.number()>>8), byte(s.Index.number())
	switch {
	case s.Kind == standardIn && s.Request == getDescriptor:
		return d.describe(selector, byte(s.Value.number()))
	case s.Kind == standardIn: // a status
		return []byte{0, 0}, true
	case s.Kind == standardOut1: // which interface is to stream
		d.stream.on(s.Value.number() == 1)
		return nil, true
	case s.Kind == standardOut:
		return nil, true
	case (s.Kind == classIn || s.Kind == classOut) && face == streamInterface && (selector == probeControl || selector == commitControl):
		return d.negotiate(s.Request, data)
	case (s.Kind == classIn || s.Kind == classOut) && face == controlInterface && entity == processingUnit && selector == brightnessControl:
		return d.adjust(s.Request, data)
	}
	return nil, false
}

func (d *device) describe(kind, number byte) (answer []byte, ok bool) {
	switch kind {
	case 1:
		return deviceDescriptor(), true
	case 2:
		return configurationDescriptor(), true
	case 3:
		answer = stringDescriptor(number, d.serial)
	}
	return answer, answer != nil
}

// negotiate is the dance of section 4.3.1.1: the host proposes, the camera says
// what it makes of that.
func (d *device) negotiate(request byte, data []byte) (answer []byte, ok bool) {
	switch request {
	case setCur:
		var p probe
		if _, err := binary.Decode(data, binary.LittleEndian, &p); err != nil {
			return nil, false
		}
		d.mode = p.honest()
		d.stream.use(d.mode)
		return nil, true
	case getLen:
		return []byte{byte(binary.Size(probe{})), 0}, true
	case getInfo:
		return []byte{3}, true
	}
	p := d.mode
	switch request {
	case getMin, getDef, getRes:
		p.Interval = frameIntervals()[0]
	case getMax:
		p.Interval = frameIntervals()[len(frameIntervals())-1]
	}
	var out bytes.Buffer
	_ = binary.Write(&out, binary.LittleEndian, p) // a buffer takes all
	return out.Bytes(), true
}

// adjust is the one thing that can be set.
func (d *device) adjust(request byte, data []byte) (answer []byte, ok bool) {
	if request == setCur {
		if len(data) != 2 {
			return nil, false
		}
		d.brightness = [2]byte(data)
		return nil, true
	}
	answer, ok = map[byte][]byte{
		getCur: d.brightness[:], getMin: {0, 0}, getMax: {255, 0}, getRes: {1, 0}, getDef: {128, 0}, getLen: {2, 0}, getInfo: {3},
	}[request]
	return answer, ok
}
