package capture

import (
	"errors"
	"fmt"
	"time"
)

// errForeign is why a viewer of one codec gets no pictures of a camera that
// encodes in another.
type errForeign struct{ camera, viewer Codec }

func (e errForeign) Error() string {
	return fmt.Sprintf("the camera delivers %v only in this mode, which is not passed on to viewers of %v: for them start with --codec %v, or with another --size",
		e.camera, e.viewer, e.viewer)
}

// suits returns why an encoder of a codec can do nothing with f.
func (f *Frame) suits(codec Codec) error {
	if f.Coded != nil && f.Coded.Codec != codec {
		return errForeign{camera: f.Coded.Codec, viewer: codec}
	}
	return nil
}

// troubleOf tells viewers of an encoder's error.
func troubleOf(codec Codec, err error) string {
	if foreign := (errForeign{}); errors.As(err, &foreign) {
		return foreign.Error()
	}
	return fmt.Sprintf("the %v encoder fails and is tried again: %v", codec, err)
}

// keyframePatience is how long viewers may wait for a camera's keyframe before
// they are told.
const keyframePatience = time.Second

// keyframeWait tells viewers of a camera that encodes by itself what they wait
// for: not each can be asked for a keyframe. A rendition's goroutine owns it.
type keyframeWait struct {
	since time.Time     // when somebody began to wait, zero when nobody does
	last  time.Time     // keyframe
	every time.Duration // between the last two
}

// trouble takes what came of the picture at now, nil for nothing, and whether a
// viewer awaited a keyframe before that. It returns what to tell.
func (w *keyframeWait) trouble(awaited bool, au *AccessUnit, now time.Time) string {
	if au != nil && au.Keyframe {
		if !w.last.IsZero() {
			w.every = now.Sub(w.last)
		}
		w.last, awaited = now, false
	}
	switch {
	case !awaited:
		w.since = time.Time{}
		return ""
	case w.since.IsZero():
		w.since = now
	}
	if now.Sub(w.since) < keyframePatience {
		return ""
	}
	const text = "waiting for the camera's next keyframe"
	if w.every < keyframePatience {
		return text
	}
	return fmt.Sprintf("%s, which comes every %.0f s", text, w.every.Seconds())
}
