package whep

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/signal"
)

// TestStatusCodes is the table of what the endpoint answers, to requests over
// HTTP. In a path, ID stands for a session that there is and SSE for an event
// stream of it; in a header, ETAG for its ETag.
func TestStatusCodes(t *testing.T) {
	sdp := header("Content-Type", "application/sdp")
	frag := func(match string) http.Header { return header("Content-Type", typeFragment, "If-Match", match) }
	long := strings.Repeat("a=x\r\n", maxBody/4)
	many := trickled + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", 100)
	refused := func(code signal.Code) error { return signal.Errorf(code, "in words") }
	lost := &signal.CameraState{State: signal.CameraLost, Detail: "unplugged"}
	tested := map[int]bool{http.StatusRequestTimeout: true} // by TestSlowBody

	for _, c := range []struct {
		name         string
		method, path string
		header       http.Header
		body         string
		script       script
		limits       func(*Limits)
		camera       *signal.CameraState
		closed       bool
		far          bool // asked from another machine
		status       int
		has          string // a header that is set
		says         string
	}{
		{name: "offer", method: "POST", path: "/whep", header: sdp, body: offer, status: 201, has: "Location"},
		{name: "offer, with a slash", method: "POST", path: "/whep/", header: sdp, body: offer, status: 201, has: "ETag"},
		{name: "offer, with a parameter", method: "POST", path: "/whep", header: header("Content-Type", "Application/SDP; charset=utf-8"), body: offer, status: 201},
		{name: "offer of no type", method: "POST", path: "/whep", body: offer, status: 415, has: "Accept-Post"},
		{name: "offer as JSON", method: "POST", path: "/whep", header: header("Content-Type", "application/json"), body: "{}", status: 415, has: "Accept-Post", says: "application/sdp"},
		{name: "bad offer", method: "POST", path: "/whep", header: sdp, body: "v=1", script: script{accept: refused(signal.BadMessage)}, status: 400, says: "in words"},
		{name: "long offer", method: "POST", path: "/whep", header: sdp, body: long, status: 413},
		{name: "no common codec", method: "POST", path: "/whep", header: sdp, body: offer, script: script{accept: refused(signal.NoCodec)}, status: 406, says: "in words"},
		{name: "as many viewers as allowed", method: "POST", path: "/whep", header: sdp, body: offer, script: script{open: refused(signal.Full)}, status: 503, has: "Retry-After", says: "in words"},
		{name: "the hub closes", method: "POST", path: "/whep", header: sdp, body: offer, script: script{accept: refused(signal.Gone)}, status: 503, has: "Retry-After"},
		{name: "the handler is closed", method: "POST", path: "/whep", header: sdp, body: offer, closed: true, status: 503, has: "Retry-After"},
		{name: "as many sessions as an address may have", method: "POST", path: "/whep", header: sdp, body: offer, limits: func(l *Limits) { l.Sessions = 0 }, far: true, status: 429, has: "Retry-After"},
		{name: "no camera", method: "POST", path: "/whep", header: sdp, body: offer, camera: lost, status: 409, has: "Retry-After", says: "unplugged"},
		{name: "camera closed until somebody looks", method: "POST", path: "/whep", header: sdp, body: offer, camera: &signal.CameraState{State: signal.CameraIdle}, status: 201},
		{name: "trouble of ours", method: "POST", path: "/whep", header: sdp, body: offer, script: script{accept: errSecret}, status: 500, says: "its log"},
		{name: "get the endpoint", method: "GET", path: "/whep", status: 204},
		{name: "head of the endpoint", method: "HEAD", path: "/whep", status: 204},
		{name: "options of the endpoint", method: "OPTIONS", path: "/whep", status: 200, has: "Accept-Post"},
		{name: "put to the endpoint", method: "PUT", path: "/whep", status: 405, has: "Allow"},
		{name: "delete the endpoint", method: "DELETE", path: "/whep", status: 405, has: "Allow"},

		{name: "candidates", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: trickled, status: 204},
		{name: "candidates, for any ICE session", method: "PATCH", path: "/whep/ID", header: frag("*"), body: trickled, status: 204},
		{name: "candidates, for any ICE session, as the draft writes it", method: "PATCH", path: "/whep/ID", header: frag(`"*"`), body: trickled, status: 204},
		{name: "candidates, one of two ETags", method: "PATCH", path: "/whep/ID", header: frag(`"other", ETAG`), body: trickled, status: 204},
		{name: "candidates of no use", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: trickled, script: script{candidate: errSecret}, status: 204},
		{name: "candidates without a user", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n", status: 204},
		{name: "end of candidates", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: "a=end-of-candidates\r\n", status: 204},
		{name: "candidates without If-Match", method: "PATCH", path: "/whep/ID", header: header("Content-Type", typeFragment), body: trickled, status: 428},
		{name: "candidates for an old ICE session", method: "PATCH", path: "/whep/ID", header: frag(`"old"`), body: trickled, status: 412},
		{name: "weak ETag", method: "PATCH", path: "/whep/ID", header: frag("W/ETAG"), body: trickled, status: 412},
		{name: "candidates as SDP", method: "PATCH", path: "/whep/ID", header: header("Content-Type", typeSDP, "If-Match", "ETAG"), body: trickled, status: 415, has: "Accept-Patch"},
		{name: "not a fragment", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: "hello", status: 400, says: "line 1"},
		{name: "nothing", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), status: 400},
		{name: "broken candidate", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: "a=candidate:1 1 udp\r\n", status: 400, says: "TRANSPORT"},
		{name: "too many candidates", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: many, status: 400, says: "100"},
		{name: "long fragment", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: long, status: 413},
		{name: "restart", method: "PATCH", path: "/whep/ID", header: frag("*"), body: restarted, status: 200, has: "ETag", says: "a=ice-ufrag:our1"},
		{name: "restart, by ETag", method: "PATCH", path: "/whep/ID", header: frag("ETAG"), body: restarted, status: 200, has: "ETag"},
		{name: "restart of an old ICE session", method: "PATCH", path: "/whep/ID", header: frag(`"old"`), body: restarted, status: 412},
		{name: "restart without a password", method: "PATCH", path: "/whep/ID", header: frag("*"), body: "a=ice-ufrag:next\r\n", status: 400, says: "ice-pwd"},
		{name: "restart with a short password", method: "PATCH", path: "/whep/ID", header: frag("*"), body: "a=ice-ufrag:next\r\na=ice-pwd:short\r\n", status: 400, says: "line 2"},
		{name: "another password", method: "PATCH", path: "/whep/ID", header: frag("*"), body: "a=ice-ufrag:user\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n", status: 200},
		{name: "restart with too many candidates", method: "PATCH", path: "/whep/ID", header: frag("*"), body: restarted + many, status: 400},
		{name: "restart that fails", method: "PATCH", path: "/whep/ID", header: frag("*"), body: restarted, script: script{restart: errSecret}, status: 500, says: "its log"},
		{name: "restart that is refused", method: "PATCH", path: "/whep/ID", header: frag("*"), body: restarted, script: script{restart: refused(signal.BadMessage)}, status: 400},
		{name: "one restart too many", method: "PATCH", path: "/whep/ID", header: frag("*"), body: restarted, limits: func(l *Limits) { l.Restarts = 0 }, status: 429, has: "Retry-After"},
		{name: "candidates for nobody", method: "PATCH", path: "/whep/nobody", header: frag("*"), body: trickled, status: 404},

		{name: "end", method: "DELETE", path: "/whep/ID", status: 200},
		{name: "end, with an old ETag", method: "DELETE", path: "/whep/ID", header: header("If-Match", `"old"`), status: 200},
		{name: "end of nobody", method: "DELETE", path: "/whep/nobody", status: 404},
		{name: "get a session", method: "GET", path: "/whep/ID", status: 204},
		{name: "head of a session", method: "HEAD", path: "/whep/ID", status: 204},
		{name: "head of nobody", method: "HEAD", path: "/whep/nobody", status: 404},
		{name: "options of nobody, which are no secret", method: "OPTIONS", path: "/whep/nobody", status: 200, has: "Accept-Patch"},
		{name: "get nobody", method: "GET", path: "/whep/nobody", status: 404},
		{name: "options of a session", method: "OPTIONS", path: "/whep/ID", status: 200, has: "Accept-Patch"},
		{name: "post to a session", method: "POST", path: "/whep/ID", header: sdp, body: offer, status: 405, has: "Allow"},

		{name: "events", method: "POST", path: "/whep/ID/events", status: 201, has: "Location"},
		{name: "some events", method: "POST", path: "/whep/ID/events", header: header("Content-Type", "application/json"), body: `["active","scte35"]`, status: 201, has: "Location"},
		{name: "events as text", method: "POST", path: "/whep/ID/events", header: header("Content-Type", "text/plain"), body: `["active"]`, status: 415},
		{name: "events that are no list", method: "POST", path: "/whep/ID/events", header: header("Content-Type", "application/json"), body: `{"active":1}`, status: 400},
		{name: "events of nobody", method: "POST", path: "/whep/nobody/events", status: 404},
		{name: "one event stream too many", method: "POST", path: "/whep/ID/events", limits: func(l *Limits) { l.Streams = 0 }, status: 429, has: "Retry-After"},
		{name: "long list of events", method: "POST", path: "/whep/ID/events", header: header("Content-Type", "application/json"), body: long, status: 413},
		{name: "options of events", method: "OPTIONS", path: "/whep/ID/events", status: 200, has: "Accept-Post"},
		{name: "get events before they are asked for", method: "GET", path: "/whep/ID/events", status: 405, has: "Allow"},
		{name: "get a stream that there is not", method: "GET", path: "/whep/ID/events/none", status: 404},
		{name: "end of a stream", method: "DELETE", path: "/whep/ID/events/SSE", status: 204},
		{name: "options of a stream", method: "OPTIONS", path: "/whep/ID/events/SSE", status: 200, has: "Allow"},
		{name: "no such thing", method: "GET", path: "/whep/ID/other", status: 404},
		{name: "deeper", method: "GET", path: "/whep/ID/events/SSE/x", status: 404},
		{name: "dots", method: "GET", path: "/whep/../etc/passwd", status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			tested[c.status] = true
			e := newEndpoint(t, c.script, func(_ *HandlerConfig, l *Limits) {
				if c.limits != nil {
					c.limits(l)
				}
			})
			e.far.Store(c.far)
			path, h := c.path, c.header.Clone()
			if strings.Contains(path, "ID") {
				url, etag := e.begin()
				path = strings.Replace(path, "/whep/ID", strings.TrimPrefix(url, e.url), 1)
				for i, value := range h["If-Match"] {
					h["If-Match"][i] = strings.ReplaceAll(value, "ETAG", etag)
				}
				if _, rest, has := strings.Cut(c.path, "/SSE"); has {
					response, _ := e.do("POST", url+"/events", nil, "")
					location, err := response.Location()
					if err != nil {
						t.Fatal(err)
					}
					path = location.Path + rest
				}
			}
			if c.camera != nil {
				e.states.Set(*c.camera)
			}
			if c.closed {
				if err := e.handler.Close(); err != nil {
					t.Fatal(err)
				}
			}
			response, text := e.do(c.method, path, h, c.body)
			if response.StatusCode != c.status {
				t.Fatalf("%s, want %d: %s", response.Status, c.status, text)
			}
			if c.has != "" && response.Header.Get(c.has) == "" {
				t.Errorf("no %s in %v", c.has, response.Header)
			}
			if c.status >= 400 && !strings.HasPrefix(text, "whep: ") && c.method != "HEAD" {
				t.Errorf("no reason in words: %q", text)
			}
			if !strings.Contains(text, c.says) || strings.Contains(text, "secret") {
				t.Errorf("says %q, want %q in it", text, c.says)
			}
			if c.status == 204 && (text != "" || response.Header.Get("ETag") != "") {
				t.Errorf("no content, and yet %q, ETag %q", text, response.Header.Get("ETag"))
			}
		})
	}
	for _, status := range documented(t) {
		if !tested[status] {
			t.Errorf("%d is in doc.go, and not here", status)
		}
		delete(tested, status)
	}
	if len(tested) > 0 {
		t.Errorf("not in doc.go: %v", tested)
	}
}

// documented are the status codes that the package says it answers.
func documented(t *testing.T) (all []int) {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^//\t([2-5]\d\d)  `).FindAllSubmatch(text, -1) {
		status, err := strconv.Atoi(string(line[1]))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, status)
	}
	return all
}
