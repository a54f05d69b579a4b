package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/peer/viewer"
)

// BenchmarkFiguresProgram measures the CPU time of the whole program with a
// camera's JPEGs coming in at 720p and 30 per second, and H.264 going out to
// one viewer, beside ffmpeg's with the same JPEGs and the same libx264 in the
// same run, which encrypts nothing and answers nobody.
//
// The ratio is of the time for a picture: on a machine that stands still now and
// then, as virtual ones do, pushcam leaves out what it is too late for, and
// ffmpeg catches up.
func BenchmarkFiguresProgram(b *testing.B) {
	const counted = 10 * time.Second
	film := filmJPEGs(b)
	for b.Loop() {
		theirs := ffmpegCPU(b, film, counted)
		ours, r := programCPU(b, film, counted)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(100*ours.Seconds()/counted.Seconds(), "%cpu")
		b.ReportMetric(100*theirs.Seconds()/counted.Seconds(), "%cpu-ffmpeg")
		b.ReportMetric(ours.Seconds()/theirs.Seconds()*filmRate/r.FramesPerSecond, "x-ffmpeg")
		b.ReportMetric(r.FramesPerSecond, "frames/s")
		b.ReportMetric(r.LongestGapMs, "longest-gap-ms")
	}
}

// filmRate is of the pictures per second.
const filmRate = 30

// filmJPEGs records five seconds of the test pattern as USB cameras send their
// pictures: JPEGs with 4:2:2 chroma, about 100 KB each.
func filmJPEGs(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "film.mjpeg")
	pattern := ffmpeg(b, "-i", "-", "-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-q:v", "4", path)
	recorder, err := pattern.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := pattern.Start(); err != nil {
		b.Fatal(err)
	}
	if code := run(b.Context(), []string{"pattern", "--duration=5s"}, nil, recorder, b.Output()); code != exitOK {
		b.Fatalf("pattern: exit code %d", code)
	}
	if err := recorder.Close(); err != nil {
		b.Fatal(err)
	}
	if err := pattern.Wait(); err != nil {
		b.Fatal(err)
	}
	return path
}

// programCPU also returns what the viewer saw, all of it of pictures in full size.
func programCPU(b *testing.B, film string, counted time.Duration) (time.Duration, viewer.Report) {
	b.Helper()
	server, url := startServer(b, "--source="+film)
	defer stopServer(b, server)
	const settling = 2 * time.Second // the join, and the first pictures
	watched := startWatch(b, url, "--codec=h264", "--duration="+(counted+2*settling).String())
	<-time.After(settling)
	used := cpuOver(b, server.Process.Pid, counted)
	r := watched()
	// What pushcam does to spare the CPU is another figure's; it begins with
	// every second picture.
	if r.Sizes["1280x720"] != 1 || r.FramesPerSecond < filmRate*0.7 {
		b.Errorf("the viewer got %v at %.1f fps, want 1280x720 at %d: this machine is too slow, or busy", r.Sizes, r.FramesPerSecond, filmRate)
	}
	return used, r
}

func ffmpegCPU(b *testing.B, film string, counted time.Duration) time.Duration {
	b.Helper()
	sink, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer sink.Close()
	encoder := ffmpeg(b, strings.Fields("-re -stream_loop -1 -f mjpeg -framerate "+strconv.Itoa(filmRate)+" -i "+film+
		" -c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p"+
		" -b:v 2M -maxrate 2M -bufsize 800k -g 999999 -f rtp rtp://"+sink.LocalAddr().String())...)
	if err := encoder.Start(); err != nil {
		b.Fatal(err)
	}
	<-time.After(2 * time.Second) // until its catching up at the start is over
	used := cpuOver(b, encoder.Process.Pid, counted)
	if err := encoder.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	wait(b, encoder)
	return used
}

func cpuOver(b *testing.B, pid int, counted time.Duration) time.Duration {
	b.Helper()
	before := cpuTime(b, pid)
	<-time.After(counted)
	return cpuTime(b, pid) - before
}

func ffmpeg(b *testing.B, args ...string) *exec.Cmd {
	b.Helper()
	return exec.CommandContext(b.Context(), "ffmpeg", append([]string{"-v", "error"}, args...)...)
}
