//go:build lab && linux

package main

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Entities of the video function, and its interfaces.
const (
	cameraTerminal = 1
	processingUnit = 2
	outputTerminal = 3

	controlInterface = 0
	streamInterface  = 1
	streamEndpoint   = 0x81
)

const (
	packetSize   = 1024 // of an isochronous packet, one each millisecond
	maxFrameSize = 64 << 10
)

// frameSize is a size that the camera has, in all its rates.
type frameSize struct{ width, height uint16 }

func frameSizes() []frameSize { return []frameSize{{640, 360}, {320, 180}} }

// frameIntervals are 15 and 30 pictures a second, in units of 100 ns.
func frameIntervals() []uint32 { return []uint32{666666, 333333} }

// descriptor concatenates fields, little-endian, behind their length.
func descriptor(fields ...any) []byte {
	var out bytes.Buffer
	out.WriteByte(0)
	for _, f := range fields {
		if n, ok := f.(int); ok {
			f = byte(n)
		}
		// Never fails: a buffer takes all, and the types have sizes.
		_ = binary.Write(&out, binary.LittleEndian, f)
	}
	b := out.Bytes()
	b[0] = byte(len(b))
	return b
}

// deviceDescriptor is USB 2.0 section 9.6.1.
func deviceDescriptor() []byte {
	return descriptor(1, uint16(0x0200), 0xef, 2, 1, 64, uint16(0x1d6b), uint16(0x0102), uint16(0x0100), 1, 2, 3, 1)
}

// stringDescriptor is section 9.6.7; number 0 is the list of languages.
func stringDescriptor(number byte, serial string) []byte {
	if number == 0 {
		return descriptor(3, uint16(0x0409))
	}
	texts := []string{1: "Lab", 2: "Webcam", 3: serial}
	if int(number) >= len(texts) {
		return nil
	}
	return descriptor(3, utf16.Encode([]rune(texts[number])))
}

// configurationDescriptor is section 9.6.3 with all that belongs to it: those of
// the Video Class 1.0, sections 3.7 to 3.10, and its MJPEG payload.
func configurationDescriptor() []byte {
	units := bytes.Join([][]byte{
		descriptor(0x24, 2, cameraTerminal, uint16(0x0201), 0, 0, uint16(0), uint16(0), uint16(0), 3, 0, 0, 0),
		descriptor(0x24, 5, processingUnit, cameraTerminal, uint16(0), 2, uint16(1), 0), // brightness only
		descriptor(0x24, 3, outputTerminal, uint16(0x0101), 0, processingUnit, 0),
	}, nil)
	formats := descriptor(0x24, 6, 1, len(frameSizes()), 1, 1, 0, 0, 0, 0)
	for i, s := range frameSizes() {
		formats = append(formats, descriptor(0x24, 7, i+1, 0, s.width, s.height, uint32(1e6), uint32(8e6),
			uint32(maxFrameSize), frameIntervals()[0], len(frameIntervals()), frameIntervals())...)
	}
	formats = append(formats, descriptor(0x24, 0x0d, 1, 1, 4)...)
	const unitsHeader, formatsHeader = 13, 14
	body := bytes.Join([][]byte{
		descriptor(0x0b, controlInterface, 2, 0x0e, 3, 0, 2), // both interfaces are one function
		descriptor(4, controlInterface, 0, 0, 0x0e, 1, 0, 0),
		descriptor(0x24, 1, uint16(0x0100), uint16(unitsHeader+len(units)), uint32(48e6), 1, streamInterface),
		units,
		descriptor(4, streamInterface, 0, 0, 0x0e, 2, 0, 0),
		descriptor(0x24, 1, 1, uint16(formatsHeader+len(formats)), streamEndpoint, 0, outputTerminal, 0, 0, 0, 1, 0),
		formats,
		descriptor(4, streamInterface, 1, 1, 0x0e, 2, 0, 0),
		descriptor(5, streamEndpoint, 0x05, uint16(packetSize), 4), // isochronous, every 8 microframes
	}, nil)
	return append(descriptor(2, uint16(9+len(body)), 2, 1, 0, 0x80, 250), body...)
}
