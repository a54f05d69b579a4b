package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// album is Pictures by functions; without one, there is none.
type album struct {
	snapshot func(context.Context, PictureRequest) (*Picture, error)
	stream   func(PictureRequest) (PictureStream, error)
}

func (a album) Snapshot(ctx context.Context, r PictureRequest) (*Picture, error) {
	return a.snapshot(ctx, r)
}
func (a album) Stream(r PictureRequest) (PictureStream, error) { return a.stream(r) }

// onePicture is an album with the same picture for all.
func onePicture(text string) album {
	return album{
		snapshot: func(context.Context, PictureRequest) (*Picture, error) { return &Picture{JPEG: []byte(text)}, nil },
		stream: func(PictureRequest) (PictureStream, error) {
			return &roll{next: func(n int) (*Picture, error) {
				if n > 3 {
					return nil, io.EOF
				}
				return &Picture{JPEG: []byte(text + strconv.Itoa(n))}, nil
			}}, nil
		},
	}
}

// roll is a PictureStream by a function of how often it was called.
type roll struct {
	next   func(n int) (*Picture, error)
	n      int
	closed atomic.Bool
}

func (r *roll) Next(ctx context.Context) (*Picture, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.n++
	return r.next(r.n)
}

func (r *roll) Close() error { r.closed.Store(true); return nil }

func noPictures(err error) album {
	return album{
		snapshot: func(context.Context, PictureRequest) (*Picture, error) { return nil, err },
		stream: func(PictureRequest) (PictureStream, error) {
			return &roll{next: func(int) (*Picture, error) { return nil, err }}, nil
		},
	}
}

// hangs is a camera that gives nothing.
type hangs struct{}

func (hangs) Snapshot(ctx context.Context, _ PictureRequest) (*Picture, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("snapshot: %w", ctx.Err())
}
func (hangs) Stream(PictureRequest) (PictureStream, error) { return hangs{}, nil }
func (hangs) Next(ctx context.Context) (*Picture, error) {
	return hangs{}.Snapshot(ctx, PictureRequest{})
}
func (hangs) Close() error { return nil }

// TestPictures is the table of what is answered where a snapshot or a stream is
// asked for.
func TestPictures(t *testing.T) {
	good := onePicture("\xff\xd8 a picture")
	full := album{
		snapshot: func(context.Context, PictureRequest) (*Picture, error) { return nil, errors.New("full") },
		stream:   func(PictureRequest) (PictureStream, error) { return nil, errors.New("full") },
	}
	embedded := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}}
	embeddedBy := func(page string) http.Header {
		h := embedded.Clone()
		h.Set("Referer", page)
		return h
	}
	allowed := Policy{AllowOrigins: []string{"https://home.example"}}
	const lost = "There is no picture: camera lost: another program uses it.\n"
	type row struct {
		pictures     Pictures
		policy       Policy
		method, path string // of the old name, when it begins with ?
		host         string
		header       http.Header
		status       int
		says         string
		policyHeader string // Cross-Origin-Resource-Policy
	}
	for name, tt := range map[string]row{
		"picture":            {pictures: good, status: 200, says: "\xff\xd8 a picture", policyHeader: "same-origin"},
		"with a query":       {pictures: good, path: "?time=7&time=8", status: 200},
		"by its old name":    {pictures: good, path: "?action", status: 200, says: "\xff\xd8 a picture"},
		"head":               {pictures: good, method: "HEAD", status: 200},
		"asked for anew":     {pictures: good, header: http.Header{"If-Modified-Since": {"Fri, 31 Dec 9999 23:59:59 GMT"}, "If-None-Match": {"*"}}, status: 200, says: "\xff\xd8 a picture"},
		"lost":               {pictures: noPictures(errors.New("camera lost: another program uses it")), status: 503, says: lost},
		"full":               {pictures: full, status: 503, says: "There is no picture: full.\n"},
		"hangs":              {pictures: hangs{}, status: 504, says: "The camera gave no picture within 15s.\n"},
		"post":               {pictures: good, method: "POST", status: 405},
		"post, old name":     {pictures: good, method: "POST", path: "?action", status: 405},
		"foreign name":       {pictures: good, host: "evil.example", status: 421},
		"old name, too":      {pictures: good, path: "?action", host: "evil.example", status: 421},
		"foreign script":     {pictures: good, header: http.Header{"Origin": {"https://evil.example"}}, status: 403},
		"foreign image":      {pictures: good, header: embedded, status: 403, says: "--allow-origin"},
		"its page told":      {pictures: good, header: embeddedBy("https://evil.example/"), status: 403},
		"of an allowed page": {pictures: good, policy: allowed, header: embeddedBy("https://home.example/cameras?all"), status: 200, policyHeader: "cross-origin"},
		"of another one":     {pictures: good, policy: allowed, header: embeddedBy("https://home.example.evil.example/"), status: 403},
		"of a page beside":   {pictures: good, header: http.Header{"Referer": {"http://localhost:5000/"}, "Sec-Fetch-Site": {"same-site"}}, status: 200, policyHeader: "cross-origin"},
		"link followed":      {pictures: good, header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}}, status: 200, policyHeader: "same-origin"},
		"image beside":       {pictures: good, header: http.Header{"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"no-cors"}}, status: 200, policyHeader: "same-origin"},
		"below":              {pictures: good, path: "/x", status: 404},
		"none":               {status: 404},
		"none by old name":   {path: "?action", status: 200, says: "<title>"},
		"quality of nothing": {pictures: good, path: "?quality=", status: 400, says: "Bad request: quality=\"\": want a whole number from 1 to 100.\n"},
		"quality 101":        {pictures: good, path: "?quality=101", status: 400},
		"width twice":        {pictures: good, path: "?width=64&width=64", status: 400, says: "Bad request: width: is there 2 times, want it once.\n"},
		"no width":           {pictures: good, path: "?width=wide", status: 400, says: "from 16 to 8192"},
		"height of 15":       {pictures: good, path: "?height=15", status: 400},
		"rate of nothing":    {pictures: good, path: "?fps=NaN", status: 400, says: "Bad request: fps=\"NaN\": want a number from 0.1 to 240.\n"},
		"no rate":            {pictures: good, path: "?fps=0", status: 400},
	} {
		for _, kind := range []string{"snapshot", "stream"} {
			t.Run(kind+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					path := "/" + kind + tt.path
					if tt.path == "?action" {
						path = "/?action=" + kind
					}
					method, host := tt.method, tt.host
					if method == "" {
						method = http.MethodGet
					}
					if host == "" {
						host = "localhost:1990"
					}
					r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
					r.Host, r.RemoteAddr = host, nearby
					if tt.header != nil {
						r.Header = tt.header
					}
					res := serve(t, Config{Policy: tt.policy, Pictures: tt.pictures}, r)
					if res.StatusCode != tt.status {
						t.Errorf("status %d, want %d", res.StatusCode, tt.status)
					}
					if got := body(t, res); !strings.Contains(got, tt.says) {
						t.Errorf("says %q, want %q", got, tt.says)
					}
					want := map[int]string{
						200: map[string]string{"snapshot": "image/jpeg", "stream": "multipart/x-mixed-replace; boundary=pushcam-picture"}[kind],
						404: "text/html; charset=utf-8",
					}[tt.status]
					switch {
					case tt.pictures == nil:
						want = "text/html; charset=utf-8"
					case want == "":
						want = "text/plain; charset=utf-8"
					}
					if got := res.Header.Get("Content-Type"); got != want {
						t.Errorf("content type %q, want %q", got, want)
					}
					if got := res.Header.Get("Cache-Control"); got != "no-store" && tt.pictures != nil && tt.status != 404 {
						t.Errorf("Cache-Control is %q", got)
					}
					if got := res.Header.Get("Cross-Origin-Resource-Policy"); tt.policyHeader != "" && got != tt.policyHeader {
						t.Errorf("Cross-Origin-Resource-Policy is %q, want %q", got, tt.policyHeader)
					}
					if tt.status == 503 && res.Header.Get("Retry-After") == "" {
						t.Error("no Retry-After")
					}
				})
			})
		}
	}
}

func TestPictureRequest(t *testing.T) {
	for query, want := range map[string]PictureRequest{
		"":                                       {},
		"time=1":                                 {},
		"width=640":                              {Width: 640},
		"width=16&height=8192&quality=1&fps=0.1": {16, 8192, 1, 0.1},
		"quality=100&fps=2.5":                    {Quality: 100, FrameRate: 2.5},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parsePictureRequest(values); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", query, got, err, want)
		}
		got := PictureRequest{}
		take := album{
			snapshot: func(_ context.Context, r PictureRequest) (*Picture, error) { got = r; return &Picture{}, nil },
			stream:   func(r PictureRequest) (PictureStream, error) { got = r; return nil, io.EOF },
		}
		for _, path := range []string{"/snapshot?", "/stream?", "/?action=snapshot&", "/?action=stream&"} {
			got = PictureRequest{Width: -1}
			serve(t, Config{Pictures: take}, requestNear(path+query))
			if got != want {
				t.Errorf("%s%s: %+v, want %+v", path, query, got, want)
			}
		}
	}
}

func requestNear(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	r.RemoteAddr = nearby
	return r
}

// FuzzPictureRequest: what is taken is within bounds.
func FuzzPictureRequest(f *testing.F) {
	for _, seed := range []string{"", "width=640", "height=1e3", "quality=-1", "fps=Inf", "fps=1e-400", "width=%zz", "width=0x10&fps=0x1p3", "width=9999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		got, err := parsePictureRequest(values)
		if err != nil {
			if len(err.Error()) > 200 {
				t.Errorf("says too much: %v", err)
			}
			return
		}
		in := func(n, least, most int) bool { return n == 0 || n >= least && n <= most }
		if !in(got.Width, 16, 8192) || !in(got.Height, 16, 8192) || !in(got.Quality, 1, 100) ||
			got.FrameRate != 0 && !(got.FrameRate >= 0.1 && got.FrameRate <= 240) {
			t.Errorf("%q: %+v", query, got)
		}
	})
}

// TestPictureOfOneWhoLeft: the camera is not kept open for nobody.
func TestPictureOfOneWhoLeft(t *testing.T) {
	for _, path := range []string{"/snapshot", "/stream"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			start := time.Now()
			time.AfterFunc(time.Second, cancel)
			serve(t, Config{Pictures: hangs{}}, requestNear(path).WithContext(ctx))
			if time.Since(start) != time.Second {
				t.Errorf("%s ended after %v", path, time.Since(start))
			}
		})
	}
}
