//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCameraLeaf runs the tests of capture/camera and of this program's side of
// it that need a device, on one. They run as root, except the one that must not.
func TestCameraLeaf(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "camera.test")
	goStatic(t, "test", "-c", "-tags", "vivid,netgo,osusergo", "-o", program, "./capture/camera")
	colours := filepath.Join(t.TempDir(), "pushcam.test")
	goStatic(t, "test", "-c", "-tags", "vivid,netgo,osusergo", "-o", colours, "./cmd/pushcam")
	lines := machine{
		programs: map[string]string{"camera.test": program, "pushcam.test": colours},
		limit:    6 * time.Minute,
		script: `
chmod 600 /dev/video0
/camera.test -test.v -test.timeout 5m -test.run '^TestVivid' -test.skip Permission || exit 1
su -s /bin/sh viewer -c '/camera.test -test.v -test.timeout 5m -test.run Permission' || exit 2
/pushcam.test -test.v -test.timeout 5m -test.run '^TestVivid' || exit 3
`,
	}.boot(t)
	passed := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "--- PASS: TestVivid") {
			passed++
		}
	}
	// A pattern that matches nothing passes, too.
	if want := 7; passed < want {
		t.Errorf("%d tests passed on the device, want at least %d", passed, want)
	}
}
