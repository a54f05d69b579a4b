package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// fake is a Backend by what it is to say.
type fake struct {
	state    State
	viewers  []Viewer
	controls []Control
	err      error
	changes  []Change
}

func (f *fake) Version() Version {
	return Version{Version: "v1", Revision: "abc", Go: "go1", Platform: "linux/arm64"}
}
func (f *fake) State() State           { return f.state }
func (f *fake) Viewers() []Viewer      { return slices.Clone(f.viewers) }
func (f *fake) RequestKeyframes() int  { return 2 }
func (f *fake) Statistics() Statistics { return Statistics{Drops: captureDrops()} }
func (f *fake) Controls(context.Context) ([]Control, error) {
	return slices.Clone(f.controls), f.err
}
func (f *fake) Adjust(_ context.Context, c Change) ([]Control, error) {
	f.changes = append(f.changes, c)
	return slices.Clone(f.controls), f.err
}

func captureDrops() map[string]uint64 {
	return map[string]uint64{"late": 1, "skipped": 0, "spared": 0, "failed": 0, "overflow": 0, "awaiting-keyframe": 0}
}

func newFake() *fake {
	value := int64(7)
	return &fake{
		state: State{
			Version: "v1", Viewers: 1, Camera: Camera{State: "live", Name: "C920", Mode: "1280x720 at 30 fps, MJPEG"},
			Renditions: []Rendition{{Name: "full", Codec: "h264", Width: 1280, Height: 720, FrameRate: 29.97, Bitrate: 2e6, Viewers: 1}},
		},
		viewers: []Viewer{{ID: "a1", Address: "192.168.1.9:5000", Codec: "h264", Rendition: "half", Loss: 0.01,
			Drops: map[string]uint64{"overflow": 0, "awaiting-keyframe": 0, "layer": 0, "full": 0, "retransmission-refused": 1}}},
		controls: []Control{
			{Key: "brightness", Name: "Brightness", Type: "integer", Max: 255, Step: 1, Default: 128, Value: &value},
			{Key: "auto_exposure", Name: "Auto Exposure", Type: "menu", Max: 3, Menu: []MenuItem{{1, "Manual Mode"}}, Kept: true},
			{Key: "reset", Name: "Reset", Type: "button"},
		},
	}
}

func ask(f Backend, role, method, path, kind, body string) *http.Response {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, "http://localhost"+path, nil)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	New(f, func(*http.Request) Visitor {
		return Visitor{Role: role, Operator: role == "operator", Login: true, Session: role == "operator"}
	}).ServeHTTP(w, r)
	return w.Result()
}

// TestAnswers asks for everything that there is, and holds each answer to the
// description.
func TestAnswers(t *testing.T) {
	const kind = "application/json"
	answered := map[string]bool{} // "GET /api 200"
	unset := &NotSetError{map[string]string{"focus": "no control"}}
	for _, tt := range []struct {
		method, path, kind, body string
		role                     string
		fails                    error
		status                   int
		says                     string
	}{
		{method: "GET", path: "/api", status: 200, says: `"openapi": "3.1.0"`},
		{method: "GET", path: "/api/", status: 200},
		{method: "HEAD", path: "/api/v1/state", status: 200},
		{method: "GET", path: "/api/v1/version", status: 200, says: `"platform":"linux/arm64"`},
		{method: "GET", path: "/api/v1/state", status: 200, says: `"role":"viewer","login":true,"session":false`},
		{method: "GET", path: "/api/v1/state", role: "operator", status: 200, says: `"role":"operator","login":true,"session":true`},
		{method: "GET", path: "/api/v1/viewers", status: 200, says: `"address":""`},
		{method: "GET", path: "/api/v1/viewers", role: "operator", status: 200, says: `"address":"192.168.1.9:5000"`},
		{method: "GET", path: "/api/v1/statistics", status: 200, says: `"late":1`},
		{method: "GET", path: "/api/v1/controls", status: 200, says: `"menu":[{"value":1,"name":"Manual Mode"}]`},
		{method: "GET", path: "/api/v1/controls", fails: errors.New("unplugged"), status: 503, says: `"detail":"unplugged"`},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"brightness":7,"on":true},"default":["focus"],"reset":true}`, status: 200, says: `"value":7`},
		{method: "PATCH", path: "/api/v1/controls", kind: kind + "; charset=utf-8", body: `{"reset":true} `, status: 200},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"focus":1}}`, fails: unset, status: 422, says: `"errors":{"focus":"no control"}`},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"focus":1}}`, fails: errors.New("unplugged"), status: 503},
		{method: "PATCH", path: "/api/v1/controls", kind: "text/plain", body: `{"reset":true}`, status: 415, says: "application/json"},
		{method: "PATCH", path: "/api/v1/controls", body: `{"reset":true}`, status: 415},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"sett":{}}`, status: 400, says: `unknown field`},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{}`, status: 400, says: "nothing to do"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"a":1.5}}`, status: 400, says: "whole number"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"a":"x"}}`, status: 400, says: "whole number"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"a":9223372036854775808}}`, status: 400},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"a":"9223372036854775808"}}`, status: 400, says: "whole number"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"set":{"a":1},"default":["a"]}`, status: 400, says: "both"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `[]`, status: 400},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"reset":true}{}`, status: 400, says: "more than one"},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"reset":`, status: 400},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, status: 400},
		{method: "PATCH", path: "/api/v1/controls", kind: kind, body: `{"default":["` + strings.Repeat("x", maxBody) + `"]}`, status: 413},
		{method: "POST", path: "/api/v1/keyframe", status: 202, says: `{"renditions":2}`},
		{method: "POST", path: "/api/v1/keyframe", kind: kind, body: "{}", status: 202},
		{method: "POST", path: "/api/v1/keyframe", kind: kind, body: `{"all":true}`, status: 400},
		{method: "POST", path: "/api/v1/keyframe", kind: "text/plain", body: `{}`, status: 415},
		{method: "POST", path: "/api/v1/keyframe", kind: kind, body: strings.Repeat(" ", maxBody+1), status: 413},
	} {
		t.Run(fmt.Sprintf("%s %s %.40s %s", tt.method, tt.path, tt.body, tt.role), func(t *testing.T) {
			f := newFake()
			f.err = tt.fails
			role := tt.role
			if role == "" {
				role = "viewer"
			}
			res := ask(f, role, tt.method, tt.path, tt.kind, tt.body)
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || !strings.Contains(string(text), tt.says) {
				t.Errorf("%s: %s; want %d, %s", res.Status, text, tt.status, tt.says)
			}
			if tt.method == http.MethodHead {
				return
			}
			holds(t, tt.method, strings.TrimSuffix(tt.path, "/"), res, text)
			answered[fmt.Sprintf("%s %s %d", strings.ToLower(tt.method), strings.TrimSuffix(tt.path, "/"), tt.status)] = true
		})
	}
	for path, methods := range member(t, document(t), "paths") {
		for method := range methods.(map[string]any) {
			for status := range member(t, document(t), "paths", path, method, "responses") {
				// Those are the door's; web has them in its tests.
				if answer := method + " " + path + " " + status; !answered[answer] && !slices.Contains([]string{"401", "403", "429"}, status) {
					t.Errorf("%s is described, and never answered here", answer)
				}
			}
		}
	}
}

// TestNotHere: what there is not is no part of the description.
func TestNotHere(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/api/v1", 404, ""}, {"GET", "/api/v2/state", 404, ""}, {"POST", "/api/v1/nothing", 404, ""}, {"GET", "/api/v1/state/x", 404, ""},
		{"POST", "/api/v1/state", 405, "GET, HEAD"}, {"PUT", "/api/v1/controls", 405, "GET, PATCH, HEAD"}, {"GET", "/api/v1/keyframe", 405, "POST"},
		{"BREW", "/api", 405, "GET, HEAD"}, {"OPTIONS", "/api/v1/controls", 405, "GET, PATCH, HEAD"},
	} {
		res := ask(newFake(), "operator", tt.method, tt.path, "", "")
		if res.StatusCode != tt.status || res.Header.Get("Allow") != tt.allow || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %s, %v", tt.method, tt.path, res.Status, res.Header)
		}
	}
}

func TestChange(t *testing.T) {
	f := newFake()
	ask(f, "operator", "PATCH", "/api/v1/controls", "application/json", `{"set":{"a":-5,"b":false,"c":true,"e":"-9223372036854775808"},"default":["d"],"reset":true}`)
	if len(f.changes) != 1 {
		t.Fatal(f.changes)
	}
	c := f.changes[0]
	if !c.Reset || !slices.Equal(c.Default, []string{"d"}) || len(c.Set) != 4 || c.Set["a"] != -5 || c.Set["b"] != 0 || c.Set["c"] != 1 || c.Set["e"] != -1<<63 {
		t.Errorf("%+v", c)
	}
}

// TestEmpty: lists are there when there is nothing in them.
func TestEmpty(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/controls": `{"controls":[]}`, "/api/v1/viewers": `{"viewers":[]}`, "/api/v1/state": `"renditions":[]`,
	} {
		text, _ := io.ReadAll(ask(&fake{}, "viewer", "GET", path, "", "").Body)
		if !strings.Contains(string(text), want) {
			t.Errorf("%s: %s, want %s", path, text, want)
		}
	}
}

// TestEverythingIsDescribed: the paths and methods, both ways.
func TestEverythingIsDescribed(t *testing.T) {
	h, ok := New(newFake(), nil).(*handler)
	if !ok {
		t.Fatal("another handler")
	}
	paths := member(t, document(t), "paths")
	for path, methods := range h.routes {
		for method := range methods {
			if _, ok := member(t, paths, path)[strings.ToLower(method)]; !ok {
				t.Errorf("%s %s is not described", method, path)
			}
		}
		if len(member(t, paths, path)) != len(methods) {
			t.Errorf("%s: more methods are described than there are", path)
		}
	}
	if len(paths) != len(h.routes) {
		t.Errorf("%d paths are described, %d are there", len(paths), len(h.routes))
	}
}

// FuzzChange: whatever comes is taken or refused in words that are not too long,
// and what was taken is what was said.
func FuzzChange(f *testing.F) {
	for _, seed := range []string{`{"set":{"a":1}}`, `{"default":["a"]}`, `{"reset":true}`, `{"set":null}`, `{"set":{"":true}}`, `[1]`, `{"set":{"a":1e3}}`, `{"Set":{"a":1}}`, "{\"set\":{\"\xff\":1}}", `{"set":{"a":null}}`, `{"set":{"a":"-1"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := newFake()
		res := ask(b, "operator", "PATCH", "/api/v1/controls", "application/json", body)
		text, _ := io.ReadAll(res.Body)
		if (res.StatusCode == http.StatusOK) != (len(b.changes) == 1) || len(b.changes) > 1 {
			t.Errorf("%s, %d changes", res.Status, len(b.changes))
		}
		if body != "" {
			holds(t, "PATCH", "/api/v1/controls", res, text)
		}
		if res.StatusCode != http.StatusOK && len(text) > 1000+len(body)*6 {
			t.Errorf("says too much: %s", text)
		}
	})
}

// What follows holds answers to the description, as far as it uses JSON Schema.

func document(t *testing.T) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func member(t *testing.T, in map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, name := range path {
		next, ok := in[name].(map[string]any)
		if !ok {
			t.Fatalf("the description has no %q in %v", name, path)
		}
		in = next
	}
	return in
}

func holds(t *testing.T, method, path string, res *http.Response, text []byte) {
	t.Helper()
	d := document(t)
	answers := member(t, d, "paths", path, strings.ToLower(method), "responses")
	kinds := member(t, answers, fmt.Sprint(res.StatusCode), "content")
	schema := member(t, kinds, res.Header.Get("Content-Type"), "schema")
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, fault := range faults(d, schema, value, "answer") {
		t.Error(fault)
	}
	if got := res.Header.Get("Cache-Control"); got != "no-store" && path != "/api" {
		t.Errorf("Cache-Control is %q", got)
	}
}

func faults(d, schema map[string]any, value any, at string) (all []string) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = d
		for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			schema, _ = schema[name].(map[string]any)
		}
		if schema == nil {
			return []string{at + ": no " + ref}
		}
		return faults(d, schema, value, at)
	}
	fault := func(format string, args ...any) { all = append(all, at+": "+fmt.Sprintf(format, args...)) }
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		fault("%v is none of %v", value, enum)
	}
	switch schema["type"] {
	case "object":
		object, ok := value.(map[string]any)
		if !ok {
			fault("%v is no object", value)
			return all
		}
		known, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := object[name.(string)]; !ok {
				fault("%v is missing", name)
			}
		}
		for name, v := range object {
			s, ok := known[name].(map[string]any)
			if !ok {
				if s, ok = schema["additionalProperties"].(map[string]any); !ok && schema["additionalProperties"] == false {
					fault("%s is not described", name)
				}
			}
			if ok {
				all = append(all, faults(d, s, v, at+"."+name)...)
			}
		}
	case "array":
		list, ok := value.([]any)
		if !ok {
			fault("%v is no array", value)
		}
		items, _ := schema["items"].(map[string]any)
		for i, v := range list {
			all = append(all, faults(d, items, v, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "string":
		if _, ok := value.(string); !ok {
			fault("%v is no text", value)
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			fault("%v is neither true nor false", value)
		}
	case "integer", "number":
		n, ok := value.(float64)
		if !ok || schema["type"] == "integer" && n != math.Trunc(n) {
			fault("%v is no %v", value, schema["type"])
		}
		if least, ok := schema["minimum"].(float64); ok && n < least {
			fault("%v is less than %v", n, least)
		}
		if most, ok := schema["maximum"].(float64); ok && n > most {
			fault("%v is more than %v", n, most)
		}
	default:
		fault("type %v is not known to this test", schema["type"])
	}
	return all
}
