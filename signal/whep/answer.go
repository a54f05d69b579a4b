package whep

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// refuse ends a request with an error, in words.
func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "whep: "+format+"\n", args...) // a client that has gone needs no answer
}

func gone(w http.ResponseWriter) {
	refuse(w, http.StatusNotFound, "there is no such session, or no longer: POST an offer to %s for a new one", Path)
}

// refuseLater is refuse for what may go well after so many seconds.
func refuseLater(w http.ResponseWriter, status int, seconds, format string, args ...any) {
	w.Header().Set("Retry-After", seconds)
	refuse(w, status, format, args...)
}

// fail is the answer to a session's error.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var told *signal.Error
	if !errors.As(err, &told) {
		if r.Context().Err() == nil { // else nobody hears the answer
			h.config.Log.Warn("player not served", "remote", r.RemoteAddr, "err", err)
		}
		refuse(w, http.StatusInternalServerError, "the server could not do it: its log says why")
		return
	}
	switch told.Code {
	case signal.Full, signal.Gone:
		refuseLater(w, http.StatusServiceUnavailable, retryFull, "%s", told.Message)
	case signal.NoCodec:
		refuse(w, http.StatusNotAcceptable, "%s", told.Message)
	case signal.BadMessage, signal.UnknownType, signal.TooLong, signal.TooMany, signal.NotYours, signal.NoSuchRendition:
		refuse(w, http.StatusBadRequest, "%s", told.Message)
	case signal.Internal:
		refuse(w, http.StatusInternalServerError, "%s", told.Message)
	}
}

// isType reports whether a request's body is of this type.
func isType(r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && got == want
}

// read returns a request's body, unless it refuses it. A body that trickles in
// holds nobody up: what is left of one that is refused has no more time.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (string, bool) {
	c := http.NewResponseController(w)
	// Without deadlines, in a test or behind a writer that hides them, it is the
	// server's own that counts.
	_ = c.SetReadDeadline(time.Now().Add(h.limits.Body))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case err == nil:
		_ = c.SetReadDeadline(time.Time{})
		return string(body), true
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		refuse(w, http.StatusRequestTimeout, "the body did not come within %v", h.limits.Body)
	default:
		refuse(w, http.StatusBadRequest, "the body ended early")
	}
	return "", false
}
