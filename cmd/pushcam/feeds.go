package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/feed"
	"github.com/pushcam/pushcam/capture/jpeg"
)

// A source of these forms is no device's name.
const (
	sourceInput = "-"
	sourceExec  = "exec:"
)

// fed is what is picked for a source that is no device: a command, standard
// input, a file or a FIFO. It reports false for all others.
func (c *serveConfig) fed() (picked, bool) {
	decode, final := jpegs()
	cfg := feed.Config{FrameRate: c.FPS, Decode: decode, JPEG: jpeg.Standalone, Undecoded: jpeg.Undecoded, Final: final}
	name := string(c.Source)
	if line, ok := strings.CutPrefix(name, sourceExec); ok {
		command := feed.NewCommand(line, cfg)
		return picked{camera: command, about: command.Name() + ", run while somebody looks"}, true
	}
	if name == sourceInput || name == "/dev/stdin" {
		in := feed.NewInput(os.Stdin, cfg)
		return picked{camera: in, about: in.Name(), run: in.Run}, true
	}
	if !isFeedPath(name) {
		return picked{}, false
	}
	path := feed.NewPath(name, cfg)
	return picked{camera: path, about: aboutPath(path, name), run: path.Run}, true
}

// isFeedPath tells the path of a file or FIFO, which may be there later only,
// from a camera's.
func isFeedPath(name string) bool {
	if info, err := os.Stat(name); err == nil {
		return info.Mode().IsRegular() || info.Mode().Type() == os.ModeNamedPipe
	}
	if strings.HasPrefix(name, "/dev/") {
		return false
	}
	known := []string{".y4m", ".mjpg", ".mjpeg", ".jpg", ".jpeg", ".h264", ".264"}
	return strings.Contains(name, "/") || slices.Contains(known, strings.ToLower(filepath.Ext(name)))
}

// aboutPath looks at a file, or says that it cannot be shown now.
func aboutPath(camera *feed.Path, name string) string {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return "FIFO " + name
	}
	mode, err := firstMode(camera)
	if err != nil {
		return "file " + name + ": " + err.Error() + "; tried again when somebody looks"
	}
	return "file " + name + ", " + mode.String() + ", again and again"
}

// firstMode is the mode of a camera's first picture.
func firstMode(camera capture.Camera) (capture.Mode, error) {
	r, err := camera.Open(context.Background())
	if err != nil {
		return capture.Mode{}, err
	}
	f, err := r.Read()
	if err == nil {
		f.Release()
	}
	return r.Mode(), errors.Join(err, r.Close())
}
