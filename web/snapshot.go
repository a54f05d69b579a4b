package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// pictureLimit is how long a request waits for its first picture: cheap cameras
// take some eight seconds to it, and two more to get the light right.
const pictureLimit = 15 * time.Second

// snapshot answers with one picture. Without one it is 503 with the reason, or
// 504 when the camera took too long.
func (h pictureHandler) snapshot(w http.ResponseWriter, r *http.Request) {
	want, ok := h.request(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pictureLimit)
	defer cancel()
	picture, err := h.pictures.Snapshot(ctx, want)
	if err != nil {
		noPicture(w, err, errors.Is(err, context.DeadlineExceeded))
		return
	}
	header := w.Header()
	header.Set("Content-Type", "image/jpeg")
	header.Set("Content-Length", strconv.Itoa(len(picture.JPEG)))
	header.Set("Last-Modified", picture.Time.UTC().Format(http.TimeFormat))
	_, _ = w.Write(picture.JPEG) // a client that has gone needs no answer
}
