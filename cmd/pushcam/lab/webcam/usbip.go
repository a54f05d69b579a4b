//go:build lab && linux

package main

import (
	"encoding/binary"
	"io"
)

// Commands of the protocol, whose numbers are big-endian.
const (
	commandSubmit = 1
	commandUnlink = 2
	replySubmit   = 3
	replyUnlink   = 4
)

// request is a transfer that the host asks for: struct usbip_header with a
// usbip_header_cmd_submit or usbip_header_cmd_unlink in it.
type request struct {
	Command, Sequence, Device, In, Endpoint uint32

	Flags   uint32 // of unlink: the sequence number of the transfer meant
	Length  uint32
	Frame   uint32
	Packets uint32 // isochronous ones
	_       uint32 // interval
	Setup   setup
}

// setup is the request of a control transfer (USB 2.0 table 9-2).
type setup struct {
	Kind, Request byte
	Value, Index  littleEndian
	Length        littleEndian
}

// littleEndian is a 16-bit number of USB in the big-endian protocol.
type littleEndian [2]byte

func (n littleEndian) number() uint16 { return binary.LittleEndian.Uint16(n[:]) }

// reply is what became of it.
type reply struct {
	Command, Sequence, Device, In, Endpoint uint32

	Status  int32 // a negative errno
	Length  uint32
	Frame   uint32
	Packets uint32
	Errors  uint32
	_       [8]byte
}

// packet describes one isochronous packet: usbip_iso_packet_descriptor.
type packet struct {
	Offset, Length, Actual uint32
	Status                 int32
}

// readRequest also returns the data of a transfer to the device, and the
// packets of an isochronous one.
func readRequest(r io.Reader) (q request, data []byte, packets []packet, err error) {
	if err := binary.Read(r, binary.BigEndian, &q); err != nil || q.Command != commandSubmit {
		return q, nil, nil, err
	}
	if q.In == 0 {
		data = make([]byte, q.Length)
		if _, err := io.ReadFull(r, data); err != nil {
			return q, nil, nil, err
		}
	}
	if q.Endpoint != 0 {
		packets = make([]packet, q.Packets)
		err = binary.Read(r, binary.BigEndian, packets)
	}
	return q, data, packets, err
}

// reply begins the answer to a request.
func (q request) reply(command uint32, status int32) reply {
	return reply{Command: command, Sequence: q.Sequence, Status: status}
}
