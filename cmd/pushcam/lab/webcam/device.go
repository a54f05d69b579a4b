//go:build lab && linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// device is the camera's side of the wire. One goroutine calls answer; the
// stream has one of its own.
type device struct {
	wire   io.ReadWriter
	serial string
	stream *stream

	mode       probe
	brightness [2]byte

	mu sync.Mutex // a reply is written as a whole
}

func newDevice(wire io.ReadWriter, serial string, film [][][]byte) *device {
	d := &device{wire: wire, serial: serial, mode: probe{}.honest(), brightness: [2]byte{128, 0}}
	d.stream = newStream(film, d.send)
	d.stream.use(d.mode)
	go d.stream.run() // to the end of the process
	return d
}

// answer serves one request. At the end of the connection it returns io.EOF.
func (d *device) answer() error {
	q, data, packets, err := readRequest(d.wire)
	if err != nil {
		return err
	}
	switch {
	case q.Command == commandUnlink:
		status := int32(0)
		if d.stream.forget(q.Flags) {
			status = -int32(syscall.ECONNRESET)
		}
		return d.send(q.reply(replyUnlink, status), nil, nil)
	case q.Command != commandSubmit:
		return fmt.Errorf("command %d of the host: not known", q.Command)
	case q.Endpoint != 0:
		d.stream.take(transfer{q, packets})
		return nil
	}
	answer, ok := d.control(q.Setup, data)
	if !ok {
		return d.send(q.reply(replySubmit, -int32(syscall.EPIPE)), nil, nil)
	}
	out := q.reply(replySubmit, 0)
	if q.In == 0 {
		out.Length = q.Length
		return d.send(out, nil, nil)
	}
	answer = answer[:min(len(answer), int(q.Length))]
	out.Length = uint32(len(answer))
	return d.send(out, answer, nil)
}

// send is called from both goroutines.
func (d *device) send(r reply, data []byte, packets []packet) error {
	var out bytes.Buffer
	for _, part := range []any{r, data, packets} {
		if err := binary.Write(&out, binary.BigEndian, part); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.wire.Write(out.Bytes())
	return err
}
