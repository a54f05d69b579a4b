package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestServeReady(t *testing.T) {
	s := startServe(t, small...)
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusOK || string(body) != "ready\n" {
		t.Errorf("the test pattern: %d, %s", status, body)
	}
	s = startServe(t, "--source=no-such-camera")
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "no camera") {
		t.Errorf("no camera: %d, %s", status, body)
	}
	if status, _, body := get(t, s.url+"/healthz"); status != http.StatusOK {
		t.Errorf("no camera, and pushcam serves: %d, %s", status, body)
	}
}

// checked is a camera that is looked for.
type checked struct {
	*capturetest.FakeCamera
	err   error
	looks int
}

func (c *checked) Check() error { c.looks++; return c.err }

// TestReadiness: a closed camera is looked for, not too often; an open one is
// ready, and a lost one says why it is not.
func TestReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera := &checked{FakeCamera: capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48}), err: errors.New("not there")}
		source := running(t, camera)
		r := newReadiness(source, camera)
		for range 10 {
			if err := r.check(t.Context()); !errors.Is(err, camera.err) {
				t.Error(err)
			}
		}
		camera.err = nil
		<-time.After(2 * checkEvery)
		if err := r.check(t.Context()); err != nil || camera.looks != 2 {
			t.Errorf("%v, looked %d times", err, camera.looks)
		}
		camera.err = errors.New("not asked")
		o, err := source.Onlook(capture.OnlookerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		if f, err := o.Next(t.Context()); err == nil {
			f.Release()
		}
		<-time.After(2 * checkEvery)
		if err := r.check(t.Context()); err != nil {
			t.Errorf("live: %v", err)
		}
		camera.Unplug(capturetest.ErrUnplugged)
		for status, changed := source.Status(); status.State == capture.Live; status, changed = source.Status() {
			<-changed
		}
		if err := r.check(t.Context()); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("lost: %v", err)
		}
	})
}
