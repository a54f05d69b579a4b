package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// TestGStreamer: a player that nobody here wrote gets an answer, trickles,
// decodes pictures and takes its leave.
func TestGStreamer(t *testing.T) {
	s := startServe(t, small...)
	// Debian's own, which has the bindings; make deps-test installs them.
	play := exec.CommandContext(t.Context(), "/usr/bin/python3", "testdata/play.py", s.url+"/whep", "15")
	var out, complaints bytes.Buffer
	play.Stdout, play.Stderr = &out, &complaints
	if err := play.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &complaints)
	}
	for _, want := range []string{"POST 201\n", "PATCH 204\n", "pictures 320x180\n", "DELETE 200\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
