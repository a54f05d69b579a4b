//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHardwareEncoder runs what pushcam does with the queues of a hardware
// encoder on the kernel's virtual one, with both of V4L2's APIs, and as a
// 32-bit program. Its codec is not H.264.
func TestHardwareEncoder(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "v4l2.test")
	build := []string{"test", "-c", "-tags", "vicodec", "-o"}
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", append(build, program, "./capture/v4l2")...)
	runWith(t, repository(t), []string{"CGO_ENABLED=0", "GOARCH=386"}, "go", append(build, program+"32", "./capture/v4l2")...)
	lines := machine{
		programs: map[string]string{"v4l2.test": program, "v4l2.test32": program + "32"},
		camera:   fetchVicodec(t),
		limit:    6 * time.Minute,
		script: `
/v4l2.test -test.v -test.timeout 5m -test.run '^TestVicodec' || exit 1
rmmod vicodec && insmod /modules/vicodec.ko multiplanar=1 || exit 2
/v4l2.test -test.v -test.timeout 5m -test.run '^TestVicodec' || exit 3
/v4l2.test32 -test.v -test.timeout 5m -test.run '^TestVicodec' || exit 4
`,
	}.boot(t)
	passed := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "--- PASS: TestVicodec") {
			passed++
		}
	}
	// A pattern that matches nothing passes, too.
	if want := 3 * 7; passed < want {
		t.Errorf("%d tests passed on the device, want %d", passed, want)
	}
}
