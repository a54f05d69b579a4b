//go:build browser && linux

package browsertest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPassthrough: Chromium shows what another encoder made, in a profile and
// with a rhythm of keyframes of its own.
func TestPassthrough(t *testing.T) {
	for _, profile := range []string{"baseline", "main", "high"} {
		t.Run(profile, func(t *testing.T) {
			film := filepath.Join(t.TempDir(), "film.h264")
			out, err := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-t", "4",
				"-c:v", "libx264", "-pix_fmt", "yuv420p", "-profile:v", profile, "-bf", "0", "-g", "30", "-b:v", "1M", "-f", "h264", film).CombinedOutput()
			if err != nil {
				t.Fatalf("ffmpeg: %v\n%s", err, out)
			}
			server := serve(t, "--codec", "passthrough", "--source", film)
			p := open(t, chromium(t), server.url)
			p.untilState("live")
			before := p.reception()
			if before.Codec != "video/H264" {
				t.Errorf("decodes %q, want H.264", before.Codec)
			}
			p.until(fmt.Sprintf("(await probe.reception()).decoded >= %d", before.Decoded+60))
			if width := value[int](p, "document.querySelector('video').videoWidth"); width != 640 {
				t.Errorf("picture is %d wide, want 640", width)
			}
		})
	}
}
