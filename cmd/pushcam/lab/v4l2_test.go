//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestV4L2Leaf runs the tests of capture/v4l2 that need a device, on one; then
// those of the multi-planar API, on another, and of sizes in steps, on a third;
// and some as a 32-bit
// program, whose structures the kernel lays out in another way. They run as
// root, except the one that must not.
func TestV4L2Leaf(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "v4l2.test")
	build := []string{"test", "-c", "-tags", "vivid", "-o"}
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", append(build, program, "./capture/v4l2")...)
	runWith(t, repository(t), []string{"CGO_ENABLED=0", "GOARCH=386"}, "go", append(build, program+"32", "./capture/v4l2")...)
	lines := machine{
		programs: map[string]string{"v4l2.test": program, "v4l2.test32": program + "32"},
		limit:    8 * time.Minute,
		script: `
chmod 600 /dev/video0
/v4l2.test -test.v -test.timeout 5m -test.run '^TestVivid' -test.skip 'Permission|Multi|Steps' || exit 1
chmod 600 /dev/video0
su -s /bin/sh viewer -c '/v4l2.test -test.v -test.timeout 5m -test.run Permission' || exit 2
/v4l2.test32 -test.v -test.timeout 5m -test.run 'Streams|Controls|Apply|Unplug|Leaks' || exit 5
rmmod vivid && insmod /modules/vivid.ko n_devs=1 node_types=0x1 multiplanar=2 || exit 3
/v4l2.test -test.v -test.timeout 5m -test.run Multi || exit 4
/v4l2.test32 -test.v -test.timeout 5m -test.run Multi || exit 6
rmmod vivid && insmod /modules/vivid.ko n_devs=1 node_types=0x1 num_inputs=1 input_types=3 || exit 7
/v4l2.test -test.v -test.timeout 5m -test.run Steps || exit 8
`,
	}.boot(t)
	passed := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "--- PASS: TestVivid") {
			passed++
		}
	}
	// A pattern that matches nothing passes, too.
	if want := 25; passed < want {
		t.Errorf("%d tests passed on the device, want at least %d", passed, want)
	}
}
