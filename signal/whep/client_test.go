package whep

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/signal"
)

func TestClient(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	// A server may send players on (draft section 4.6).
	balancer := httptest.NewServer(http.RedirectHandler(e.url+Path, http.StatusTemporaryRedirect))
	defer balancer.Close()
	c, answer, err := Dial(t.Context(), balancer.URL, offer, e.client)
	if err != nil || answer != answerOf(0) {
		t.Fatalf("%q, %v", answer, err)
	}
	if !strings.HasPrefix(c.URL(), e.url+Path+"/") {
		t.Errorf("the session is at %s", c.URL())
	}
	mid := "v"
	if err := c.Trickle(t.Context(), signal.Candidate{Candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", SDPMid: &mid}); err != nil {
		t.Error(err)
	}
	answer, err = c.Restart(t.Context(), strings.NewReplacer("user", "next", "0123456789012345678901", "abcdefghijklmnopqrstuv").Replace(offer))
	if err != nil || !strings.Contains(answer, "a=ice-ufrag:our1\r\n") || strings.Count(answer, "a=candidate:") != 1 || !strings.Contains(answer, "a=rtpmap:96") {
		t.Errorf("%v, %q", err, answer)
	}
	// With the ETag of now.
	if err := c.Trickle(t.Context(), signal.Candidate{Candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host"}); err != nil {
		t.Error(err)
	}
	candidates, restarts := e.sessions.last().heard()
	if len(candidates) != 2 || *candidates[0].SDPMid != "v" || len(restarts) != 1 || restarts[0].user != "next" {
		t.Errorf("the session got %v, %v", candidates, restarts)
	}
	for range 2 { // the second finds nothing, which is as well
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	var refused *StatusError
	if err := c.Trickle(t.Context()); !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Errorf("after the end: %v", err)
	}
}

// TestClientIsTold: what a server says is told, as far as it is fit to be shown.
func TestClientIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"a refusal":        {func(w http.ResponseWriter) { http.Error(w, "whep: full", http.StatusServiceUnavailable) }, "503 Service Unavailable: whep: full"},
		"a silent refusal": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }, "401 Unauthorized"},
		"a long refusal":   {func(w http.ResponseWriter) { http.Error(w, strings.Repeat("x", 1<<20), http.StatusNotFound) }, "404"},
		"a page":           {func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) }, "is this a WHEP endpoint?"},
		"no location":      {func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated) }, "is this a WHEP endpoint?"},
		"a strange location": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusCreated)
		}, "is this a WHEP endpoint?"},
		"a broken location": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://[:")
			w.WriteHeader(http.StatusCreated)
		}, "is this a WHEP endpoint?"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.answer(w) }))
			defer server.Close()
			client := server.Client()
			defer client.CloseIdleConnections()
			_, _, err := Dial(t.Context(), server.URL, offer, client)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 600 {
				t.Errorf("%v, want %q in it", err, c.want)
			}
		})
	}
}

// TestClientRestartRefused: an answer that is none leaves the client as it was.
func TestClientRestartRefused(t *testing.T) {
	e := newEndpoint(t, script{restart: errors.New("no")}, nil)
	c, _, err := Dial(t.Context(), e.url+Path, offer, e.client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Restart(t.Context(), strings.Replace(offer, "user", "next", 1)); err == nil {
		t.Error("no error")
	}
	if err := c.Trickle(t.Context(), signal.Candidate{Candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host"}); err != nil {
		t.Error(err)
	}
}
