package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// SnapshotFunc takes one picture and returns it as JPEG. Its error tells a
// person why there is none.
type SnapshotFunc func(context.Context) ([]byte, error)

// snapshotLimit is how long a request waits for its picture: cheap cameras
// take some eight seconds to their first, and two more to get the light right.
const snapshotLimit = 15 * time.Second

// ServeHTTP answers with the picture. Without one it is 503 with the reason, or
// 504 when the camera took too long.
func (take SnapshotFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isEmbedded(r) {
		refuse(w, http.StatusForbidden, "pushcam does not open its camera for pages of other sites.\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), snapshotLimit)
	defer cancel()
	picture, err := take(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		plain(w, http.StatusGatewayTimeout, fmt.Sprintf("The camera gave no picture within %v.\n", snapshotLimit))
	case err != nil:
		plain(w, http.StatusServiceUnavailable, "There is no picture: "+err.Error()+".\n")
	default:
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Type", "image/jpeg")
		h.Set("Content-Length", strconv.Itoa(len(picture)))
		_, _ = w.Write(picture) // a client that has gone needs no answer
	}
}

// isEmbedded reports whether a foreign page refers to this as its image: such a
// request has no Origin, and the browser would keep the answer from the page, but
// not the camera from being opened. Following a link is something that a person
// does.
func isEmbedded(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" &&
		len(r.Header.Values("Origin")) == 0
}

// orSnapshot answers /?action=snapshot, as mjpg-streamer did, with a picture, and
// everything else with the page.
func orSnapshot(take SnapshotFunc, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("action") == "snapshot" {
			take.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}
