//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestV4L2Leaf runs the tests of capture/v4l2 that need a device, on one; then
// those of the multi-planar API, on another. They run as root, except the one
// that must not.
func TestV4L2Leaf(t *testing.T) {
	program := filepath.Join(t.TempDir(), "v4l2.test")
	goStatic(t, "test", "-c", "-tags", "vivid,netgo,osusergo", "-o", program, "./capture/v4l2")
	lines := machine{
		programs: map[string]string{"v4l2.test": program},
		limit:    4 * time.Minute,
		script: `
chmod 600 /dev/video0
/v4l2.test -test.v -test.timeout 2m -test.run '^TestVivid' -test.skip 'Permission|Multi' || exit 1
chmod 600 /dev/video0
su -s /bin/sh viewer -c '/v4l2.test -test.v -test.timeout 1m -test.run Permission' || exit 2
rmmod vivid && insmod /modules/vivid.ko n_devs=1 node_types=0x1 multiplanar=2 || exit 3
/v4l2.test -test.v -test.timeout 1m -test.run Multi || exit 4
`,
	}.boot(t)
	passed := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "--- PASS: TestVivid") {
			passed++
		}
	}
	// A pattern that matches nothing passes, too.
	if want := 17; passed < want {
		t.Errorf("%d tests passed on the device, want at least %d", passed, want)
	}
}
