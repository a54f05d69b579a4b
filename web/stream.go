package web

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// partLimit is how long a client may take for one picture before it is cut off.
const partLimit = 10 * time.Second

// stream answers with pictures until the client goes, or the server ends. Without
// a first one it is an answer like a snapshot's. What waits for a client is one
// picture, and what the system has taken of the one before.
func (h pictureHandler) stream(w http.ResponseWriter, r *http.Request) {
	want, ok := h.request(w, r)
	if !ok {
		return
	}
	if r.Method == http.MethodHead {
		beginStream(w)
		return
	}
	pictures, err := h.pictures.Stream(want)
	if err != nil {
		noPicture(w, err, false)
		return
	}
	defer func() { _ = pictures.Close() }() // nothing of it can be told to the client
	picture, err := firstPicture(r.Context(), pictures)
	if err != nil {
		noPicture(w, err, errors.Is(err, context.DeadlineExceeded))
		return
	}
	beginStream(w)
	out := newPartWriter(r.Context(), w)
	defer out.end()
	taken := out.write(r.Context(), []byte(delimiter))
	for taken && err == nil {
		taken = out.write(r.Context(), picture.asPart())
		if taken {
			picture, err = pictures.Next(r.Context())
		}
	}
}

func firstPicture(ctx context.Context, pictures PictureStream) (*Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, pictureLimit)
	defer cancel()
	return pictures.Next(ctx)
}

func beginStream(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", typeMultiple)
	header.Set("X-Accel-Buffering", "no") // for nginx
	// Without chunks, which old clients do not expect here; so the end of the
	// connection is the stream's.
	header.Set("Transfer-Encoding", "identity")
	w.WriteHeader(http.StatusOK)
}

// partWriter writes to one client, which has partLimit for each part. One
// goroutine uses it.
type partWriter struct {
	w    http.ResponseWriter
	c    *http.ResponseController
	stop func() bool
	cut  chan struct{} // closed when the deadline was set by the end of ctx
}

// newPartWriter: a write that is under way ends with ctx.
func newPartWriter(ctx context.Context, w http.ResponseWriter) *partWriter {
	out := &partWriter{w: w, c: http.NewResponseController(w), cut: make(chan struct{})}
	out.stop = context.AfterFunc(ctx, func() {
		defer close(out.cut)
		_ = out.c.SetWriteDeadline(time.Now()) // only a test's writer has none
	})
	return out
}

// write reports whether the client took it.
func (out *partWriter) write(ctx context.Context, part []byte) bool {
	_ = out.c.SetWriteDeadline(time.Now().Add(partLimit))
	if ctx.Err() != nil {
		return false
	}
	if _, err := out.w.Write(part); err != nil {
		return false
	}
	return out.c.Flush() == nil
}

// end gives the writer back: nobody touches it after this.
func (out *partWriter) end() {
	if !out.stop() {
		<-out.cut
	}
}
