package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/web/api"
)

// TestAPIRefusals: whatever refuses a request below /api, it says so as problem
// details.
func TestAPIRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, host, addr string
		header                         http.Header
		body                           string
		status                         int
	}{
		{name: "nobody", path: "/api/v1/state", addr: faraway, status: 401},
		{name: "nobody, description", path: "/api", addr: faraway, status: 401},
		{name: "viewer changes", method: "PATCH", path: "/api/v1/controls", addr: nearby, body: `{"reset":true}`, status: 401},
		{name: "viewer changes, by another spelling", method: "PATCH", path: "/api/v1/controls/", addr: nearby, body: `{"reset":true}`, status: 401},
		{name: "viewer changes, logged in", method: "PATCH", path: "/api/v1/controls", addr: nearby, header: http.Header{"Authorization": {"Bearer recorder.token"}}, body: `{"reset":true}`, status: 403},
		{name: "foreign page", path: "/api/v1/state", addr: nearby, header: http.Header{"Origin": {"https://evil.example"}}, status: 403},
		{name: "page beside changes", method: "POST", path: "/api/v1/keyframe", addr: nearby, header: http.Header{"Origin": {"http://localhost:81"}}, status: 403},
		{name: "foreign name", path: "/api/v1/state", host: "evil.example", addr: nearby, status: 421},
		{name: "nothing there", path: "/api/v1/nothing", addr: nearby, status: 404},
		{name: "two bodies", method: "PATCH", path: "/api/v1/controls", addr: faraway, body: `{"reset":true}{}`, header: http.Header{"Authorization": {"Basic b3BlcmF0b3I6cmlnaHQ="}, "Content-Type": {"application/json"}}, status: 400},
		{name: "long body", method: "PATCH", path: "/api/v1/controls", addr: faraway, body: `{"default":["` + strings.Repeat("x", maxBody) + `"]}`, header: http.Header{"Authorization": {"Basic b3BlcmF0b3I6cmlnaHQ="}, "Content-Type": {"application/json"}}, status: 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			passed := 0
			method := tt.method
			if method == "" {
				method = http.MethodGet
			}
			r := httptest.NewRequest(method, "http://localhost"+tt.path, strings.NewReader(tt.body))
			r.RemoteAddr = tt.addr
			if tt.header != nil {
				r.Header = tt.header
			}
			if tt.host != "" {
				r.Host = tt.host
			}
			res := serve(t, everything(t, &passed), r)
			var problem struct {
				Status        int
				Title, Detail string
			}
			text := body(t, res)
			if err := json.Unmarshal([]byte(text), &problem); err != nil || res.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%s: %v, %s", text, err, res.Header.Get("Content-Type"))
			}
			if res.StatusCode != tt.status || problem.Status != tt.status || problem.Title != http.StatusText(tt.status) || problem.Detail == "" || passed > 0 {
				t.Errorf("%s: %+v; want %d", res.Status, problem, tt.status)
			}
		})
	}
}

// TestAPIKnowsWhoAsks: a viewer who need not say so may be an operator.
func TestAPIKnowsWhoAsks(t *testing.T) {
	passed := 0
	for auth, want := range map[string]string{"": `"role":"viewer","login":true,"session":false`, "right": `"role":"operator","login":true,"session":false`} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/state", nil)
		r.RemoteAddr = nearby
		if auth != "" {
			r.SetBasicAuth("operator", auth)
		}
		if text := body(t, serve(t, everything(t, &passed), r)); !strings.Contains(text, want) {
			t.Errorf("%q: %s", auth, text)
		}
	}
	c := everything(t, &passed)
	h := must(t, func() (http.Handler, error) { return New(c) })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, post("/login", "password=look"))
	r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/state", nil)
	r.AddCookie(w.Result().Cookies()[0])
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if text := body(t, w.Result()); !strings.Contains(text, `"session":true`) {
		t.Errorf("after the login by the form: %s", text)
	}
	r = httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/state", nil)
	r.RemoteAddr = nearby
	if text := body(t, serve(t, Config{API: asked{&passed}}, r)); !strings.Contains(text, `"login":false`) {
		t.Errorf("without accounts: %s", text)
	}
}

// asked is an api.Backend that counts who reaches it.
type asked struct{ passed *int }

func (a asked) Version() api.Version { *a.passed++; return api.Version{} }
func (a asked) State() api.State     { *a.passed++; return api.State{} }
func (a asked) Viewers() []api.Viewer {
	*a.passed++
	return []api.Viewer{{Address: "192.168.1.7:5000"}}
}
func (a asked) Statistics() api.Statistics { *a.passed++; return api.Statistics{} }
func (a asked) RequestKeyframes() int      { *a.passed++; return 0 }
func (a asked) Controls(context.Context) ([]api.Control, error) {
	*a.passed++
	return nil, nil
}
func (a asked) Adjust(context.Context, api.Change) ([]api.Control, error) {
	*a.passed++
	return nil, nil
}
