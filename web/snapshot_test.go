package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestSnapshot(t *testing.T) {
	picture := func(context.Context) ([]byte, error) { return []byte("\xff\xd8 a picture"), nil }
	lost := func(context.Context) ([]byte, error) {
		return nil, errors.New("camera lost: another program uses it")
	}
	hang := func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("snapshot: %w", ctx.Err())
	}
	embedded := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}}
	for name, tt := range map[string]struct {
		take         SnapshotFunc
		method, path string
		host         string
		header       http.Header
		status       int
		contentType  string
		says         string
	}{
		"picture":          {take: picture, path: "/snapshot", status: 200, contentType: "image/jpeg", says: "\xff\xd8 a picture"},
		"with a query":     {take: picture, path: "/snapshot?time=7", status: 200, contentType: "image/jpeg"},
		"by its old name":  {take: picture, path: "/?action=snapshot", status: 200, contentType: "image/jpeg", says: "\xff\xd8 a picture"},
		"other action":     {take: picture, path: "/?action=command", status: 200, contentType: "text/html; charset=utf-8"},
		"the page":         {take: picture, path: "/", status: 200, contentType: "text/html; charset=utf-8"},
		"lost":             {take: lost, path: "/snapshot", status: 503, contentType: "text/plain; charset=utf-8", says: "There is no picture: camera lost: another program uses it.\n"},
		"hangs":            {take: hang, path: "/snapshot", status: 504, contentType: "text/plain; charset=utf-8", says: "The camera gave no picture within 15s.\n"},
		"post":             {take: picture, method: "POST", path: "/snapshot", status: 405},
		"post, old name":   {take: picture, method: "POST", path: "/?action=snapshot", status: 405},
		"foreign name":     {take: picture, path: "/snapshot", host: "evil.example", status: 421},
		"old name, too":    {take: picture, path: "/?action=snapshot", host: "evil.example", status: 421},
		"foreign script":   {take: picture, path: "/snapshot", header: http.Header{"Origin": {"https://evil.example"}}, status: 403},
		"foreign image":    {take: picture, path: "/snapshot", header: embedded, status: 403},
		"link followed":    {take: picture, path: "/snapshot", header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}}, status: 200},
		"image beside":     {take: picture, path: "/snapshot", header: http.Header{"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"no-cors"}}, status: 200},
		"below":            {take: picture, path: "/snapshot/x", status: 404},
		"none":             {path: "/snapshot", status: 404},
		"none by old name": {path: "/?action=snapshot", status: 200, contentType: "text/html; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				method, host := tt.method, tt.host
				if method == "" {
					method = http.MethodGet
				}
				if host == "" {
					host = "localhost:1990"
				}
				r := httptest.NewRequestWithContext(t.Context(), method, tt.path, nil)
				r.Host = host
				if tt.header != nil {
					r.Header = tt.header
				}
				res := serve(t, Config{Snapshot: tt.take}, r)
				if res.StatusCode != tt.status {
					t.Errorf("status %d, want %d", res.StatusCode, tt.status)
				}
				if got := res.Header.Get("Content-Type"); tt.contentType != "" && got != tt.contentType {
					t.Errorf("content type %q, want %q", got, tt.contentType)
				}
				if got := res.Header.Get("Cache-Control"); got != "no-store" && tt.contentType != "text/html; charset=utf-8" && res.StatusCode != http.StatusNotFound {
					t.Errorf("Cache-Control is %q", got)
				}
				if got := body(t, res); tt.says != "" && got != tt.says {
					t.Errorf("says %q, want %q", got, tt.says)
				}
			})
		})
	}
}

// TestSnapshotOfOneWhoLeft: the camera is not kept open for nobody.
func TestSnapshotOfOneWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		take := func(ctx context.Context) ([]byte, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/snapshot", nil)
		r.Host = "localhost:1990"
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		serve(t, Config{Snapshot: take}, r)
		if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("ended with %v after %v", err, time.Since(start))
		}
	})
}
