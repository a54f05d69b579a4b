package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Pictures are the camera's as JPEGs, for programs and plain img elements. Any
// goroutine uses them. Errors tell a person why there is no picture.
type Pictures interface {
	// Snapshot takes one picture of now.
	Snapshot(context.Context, PictureRequest) (*Picture, error)
	// Stream takes a place at the pictures that are to come.
	Stream(PictureRequest) (PictureStream, error)
}

// PictureStream is one client's place. One goroutine uses it.
type PictureStream interface {
	// Next blocks for the next picture: always the newest, whoever is slow misses
	// some. It fails when the camera cannot be opened, and later, when there is
	// a picture that says so, only at its end.
	Next(context.Context) (*Picture, error)
	Close() error
}

// PictureRequest is what a client wants of its pictures. The zero value is for
// all of them, each as it comes from the camera.
type PictureRequest struct {
	// Width and Height are the most that a picture may have, in pixels: it is made
	// smaller to fit, with its proportions. 0 is for no limit.
	Width, Height int
	// Quality is libjpeg's, 1 to 100; 0 is for the camera's own JPEGs, where it
	// sends such in this size, and else a good one.
	Quality int
	// FrameRate is how many pictures per second there may be; 0 is for all.
	FrameRate float64
}

// Bounds of a PictureRequest.
const (
	leastSide, mostSide = 16, 8192
	leastRate, mostRate = 0.1, 240
)

// parsePictureRequest reads it from a query. Parameters that mean nothing here
// are left to others: many programs add the time, against caches.
func parsePictureRequest(query url.Values) (PictureRequest, error) {
	var p PictureRequest
	for _, side := range []struct {
		name        string
		to          *int
		least, most int
	}{{"width", &p.Width, leastSide, mostSide}, {"height", &p.Height, leastSide, mostSide}, {"quality", &p.Quality, 1, 100}} {
		text, there, err := single(query, side.name)
		if err != nil {
			return p, err
		}
		if !there {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < side.least || n > side.most {
			return p, fmt.Errorf("%s=%.20q: want a whole number from %d to %d", side.name, text, side.least, side.most)
		}
		*side.to = n
	}
	text, there, err := single(query, "fps")
	if err != nil || !there {
		return p, err
	}
	p.FrameRate, err = strconv.ParseFloat(text, 64)
	if err != nil || !(p.FrameRate >= leastRate && p.FrameRate <= mostRate) {
		return p, fmt.Errorf("fps=%.20q: want a number from %v to %v", text, leastRate, mostRate)
	}
	return p, nil
}

func single(query url.Values, name string) (value string, there bool, err error) {
	switch values := query[name]; len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	default:
		return "", true, fmt.Errorf("%s: is there %d times, want it once", name, len(values))
	}
}

// Picture is one JPEG. It is immutable, and shared by all who get it.
type Picture struct {
	JPEG []byte
	Time time.Time // when it was taken

	once sync.Once
	part []byte
}

// The parts of a stream (RFC 2046, section 5.1). Each ends with the next one's
// boundary: browsers show a picture when they see that.
const (
	boundary     = "pushcam-picture"
	delimiter    = "--" + boundary + "\r\n"
	typeMultiple = "multipart/x-mixed-replace; boundary=" + boundary
)

// asPart is the picture as a part of a stream, up to the next one: made once, so
// that it goes to each client in one call.
func (p *Picture) asPart() []byte {
	p.once.Do(func() {
		head := fmt.Sprintf("Content-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: %.6f\r\n\r\n",
			len(p.JPEG), float64(p.Time.UnixMicro())/1e6)
		p.part = make([]byte, 0, len(head)+len(p.JPEG)+len("\r\n"+delimiter))
		p.part = append(append(append(p.part, head...), p.JPEG...), "\r\n"+delimiter...)
	})
	return p.part
}

// pictureHandler answers those requests for pictures that it may.
type pictureHandler struct {
	pictures Pictures
	policy   Policy
}

// request reads what is wanted, or tells the client what is wrong with it.
func (h pictureHandler) request(w http.ResponseWriter, r *http.Request) (PictureRequest, bool) {
	if isEmbedded(r) && !h.policy.allowsReferrer(r) {
		refuse(w, http.StatusForbidden, "pushcam does not open its camera for pages of other sites.\n"+
			"Start it with --allow-origin ORIGIN to allow them.\n")
		return PictureRequest{}, false
	}
	p, err := parsePictureRequest(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("Bad request: %v.\n", err))
		return p, false
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if h.policy.allowsReferrer(r) {
		// Such a page may show it in an img element.
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return p, true
}

// isEmbedded reports whether a foreign page refers to this as its image: such a
// request has no Origin, and the browser would keep the answer from the page, but
// not the camera from being opened. Following a link is something that a person
// does.
func isEmbedded(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" &&
		len(r.Header.Values("Origin")) == 0
}

// allowsReferrer reports whether the page that refers to this as its image is
// known, and may.
func (p Policy) allowsReferrer(r *http.Request) bool {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return false
	}
	from := r.Clone(r.Context())
	from.Header.Set("Origin", u.Scheme+"://"+u.Host)
	return p.AllowsOrigin(from)
}

// noPicture answers why there is none.
func noPicture(w http.ResponseWriter, err error, late bool) {
	if late {
		plain(w, http.StatusGatewayTimeout, fmt.Sprintf("The camera gave no picture within %v.\n", pictureLimit))
		return
	}
	w.Header().Set("Retry-After", "5")
	plain(w, http.StatusServiceUnavailable, "There is no picture: "+err.Error()+".\n")
}

// byAction answers /?action=snapshot and /?action=stream, as mjpg-streamer did,
// and everything else with the page.
func byAction(snapshot, stream, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("action") {
		case "snapshot":
			snapshot.ServeHTTP(w, r)
		case "stream":
			stream.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}
