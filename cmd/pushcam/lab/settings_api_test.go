//go:build lab

package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// settings are those of the camera in a machine, over HTTP.
type settings struct {
	*remote
	http http.Client // requests end with the test
}

// control is one as the API tells it.
type control struct {
	Key      string
	Default  int64
	Value    *int64
	Inactive bool
	Volatile bool
	Kept     bool
	ReadOnly bool `json:"read_only"`
}

func (c control) number() int64 {
	if c.Value == nil {
		return -1
	}
	return *c.Value
}

// answer is one of the API.
type answer struct {
	Controls []control
	Detail   string
	Errors   map[string]string
}

// ask asks the API as somebody, "name:password", or as nobody.
func (s *settings) ask(who, method, body string) (status int, a answer) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/api/v1/controls", strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return 0, a
	}
	req.Header.Set("Content-Type", "application/json")
	if name, secret, ok := strings.Cut(who, ":"); ok {
		req.SetBasicAuth(name, secret)
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.t.Error(err)
		return 0, a
	}
	defer res.Body.Close()
	kind := map[bool]string{true: "application/json", false: "application/problem+json"}[res.StatusCode == http.StatusOK]
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil || res.Header.Get("Content-Type") != kind {
		s.t.Errorf("%s %s: %s, %q: %v", method, body, res.Status, res.Header.Get("Content-Type"), err)
	}
	return res.StatusCode, a
}

// list is what everybody is told.
func (s *settings) list() map[string]control {
	s.t.Helper()
	return s.all("", http.MethodGet, "")
}

// set changes what an operator may.
func (s *settings) set(body string) map[string]control {
	s.t.Helper()
	return s.all("operator:secret", http.MethodPatch, body)
}

func (s *settings) all(who, method, body string) map[string]control {
	s.t.Helper()
	status, a := s.ask(who, method, body)
	if status != http.StatusOK {
		s.t.Errorf("%s %s: %d %s %q", method, body, status, a.Detail, a.Errors)
	}
	all := map[string]control{}
	for _, c := range a.Controls {
		all[c.Key] = c
	}
	return all
}

// has checks what the API says of a control.
func (s *settings) has(key string, value int64, kept bool) {
	s.t.Helper()
	if c := s.list()[key]; c.number() != value || c.Kept != kept {
		s.t.Errorf("%s: %d, kept %v; want %d, %v", key, c.number(), c.Kept, value, kept)
	}
}

// is checks what the camera itself says, by pushcam devices --controls.
func (s *settings) is(want map[string]string) {
	s.t.Helper()
	got := map[string]string{}
	for line := range strings.Lines(s.tell("/pushcam devices --controls | grep '^   control '")) {
		key, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "control "), " ")
		got[key] = strings.TrimSpace(value)
	}
	for key, value := range want {
		if got[key] != value {
			s.t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}
}

// viewer watches over MJPEG.
type viewer struct {
	*settings
	pictures *multipart.Reader
	close    func()
}

// watch begins to, and has seen a picture when it returns.
func (s *settings) watch() *viewer {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/stream", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("/stream: %s, %v", res.Status, err)
	}
	v := &viewer{s, multipart.NewReader(res.Body, parameters["boundary"]), func() {
		cancel()
		_ = res.Body.Close()
	}}
	v.until(func(int) bool { return true })
	return v
}

// until waits for a picture of a mean luma, and returns that.
func (v *viewer) until(is func(luma int) bool) int {
	v.t.Helper()
	for {
		luma, err := v.next()
		if err != nil {
			v.t.Fatal(err)
		}
		if is(luma) {
			return luma
		}
	}
}

func (v *viewer) next() (luma int, err error) {
	part, err := v.pictures.NextPart()
	if err != nil {
		return 0, err
	}
	picture, err := jpeg.Decode(part)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, part)
	yuv, ok := picture.(*image.YCbCr)
	if !ok {
		return 0, fmt.Errorf("a picture of %T", picture)
	}
	sum := 0
	for _, y := range yuv.Y {
		sum += int(y)
	}
	return sum / len(yuv.Y), err
}
