package feed

import (
	"bufio"
	"errors"
	"io"
	"time"
)

// pump cuts pictures out of what is live and gives them to the reader that to
// names at each, nil when nobody looks, until the bytes end or are of no use.
func (k *kit) pump(c cutter, to func() *live) error {
	j := jury{kit: k}
	var r *live
	wanted := func() bool {
		r = to()
		return r != nil
	}
	for {
		p, err := c.next(wanted)
		switch {
		case err != nil:
			if err := j.judge(err); err != nil {
				return err
			}
			continue
		case p.frame == nil && p.jpeg == nil: // not wanted
		case !wanted():
			k.drop(p)
		default:
			if p.time.IsZero() {
				p.time = time.Now()
			}
			p.rate = c.mode().FrameRate
			r.put(p)
		}
		j.good()
	}
}

// source is what bytes come from while they come.
type source interface {
	io.Reader
	idler
}

// begin recognizes what a source delivers.
func (k *kit) begin(s source) (cutter, error) {
	return k.newCutter(bufio.NewReaderSize(s, inputSize), s)
}

// isEnd reports whether bytes have ended, as opposed to being of no use.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
