package v4l2

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	dev := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	changes := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() { ended <- watch(ctx, dev, func() { changes <- struct{}{} }) }()

	node := filepath.Join(dev, "video0")
	expect := func(what string) {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(time.Minute):
			t.Fatalf("%s was not noticed", what)
		}
	}
	// The watch begins some time after the goroutine does.
	for begun := false; !begun; {
		if err := os.WriteFile(node, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changes:
			begun = true
		case <-time.After(10 * time.Millisecond):
			if err := os.Remove(node); err != nil {
				t.Fatal(err)
			}
		}
	}
	drain(changes)
	if err := os.Chmod(node, 0o660); err != nil {
		t.Fatal(err)
	}
	expect("a change of permissions")
	for _, other := range []string{"null", "snd"} {
		if err := os.WriteFile(filepath.Join(dev, other), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(dev, "video7")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("a new node")
	if err := os.Chmod(other, 0o660); err != nil {
		t.Fatal(err)
	}
	expect("its change of permissions")
	if len(changes) > 0 {
		t.Error("noticed what is no camera that came")
	}

	// udev's folders come with the first camera and go with the last.
	byID := filepath.Join(dev, "v4l", "by-id")
	for range 2 {
		if err := os.MkdirAll(byID, 0o700); err != nil {
			t.Fatal(err)
		}
		expect("a folder of names")
		drain(changes)
		if err := os.Symlink("../../video7", filepath.Join(byID, "usb-Lab_Webcam")); err != nil {
			t.Fatal(err)
		}
		expect("a name")
		drain(changes)
		if err := os.RemoveAll(filepath.Join(dev, "v4l")); err != nil {
			t.Fatal(err)
		}
	}

	cancel()
	if err := <-ended; err != nil {
		t.Errorf("watch: %v", err)
	}
	if err := watch(t.Context(), filepath.Join(dev, "none"), nil); err == nil {
		t.Error("watched a folder that is not there")
	}
}

// drain waits until nothing more comes for a while.
func drain(changes <-chan struct{}) {
	for {
		select {
		case <-changes:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}
