package v4l2

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// nodes is a system of several devices.
func nodes(t *testing.T, open map[string]func() (node, error)) system {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name := range open {
		if err := os.WriteFile(filepath.Join(root, "dev", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return system{root: root, open: func(path string) (node, error) { return open[filepath.Base(path)]() }}
}

func TestListEncoders(t *testing.T) {
	webcam, pi, single, decoder, yuyv := newFake(), newFakeCodec(), newFakeCodec(), newFakeCodec(), newFakeCodec()
	webcam.formats = []fakeFormat{discrete(H264, 1280, 720)}
	single.single, single.largest = true, capture.Size{Width: 4096, Height: 2304}
	decoder.refuse[requestEnumFormats] = syscall.EINVAL
	yuyv.raws = []PixelFormat{YUYV}
	fail := func(err error) func() (node, error) { return func() (node, error) { return nil, err } }
	for _, c := range []struct {
		name  string
		nodes map[string]func() (node, error)
		want  []string
		is    error
		says  string
	}{
		{"nothing", nil, nil, nil, ""},
		{"no encoder", map[string]func() (node, error){"video0": webcam.open, "video10": decoder.open, "video12": yuyv.open}, nil, nil, ""},
		{"by number", map[string]func() (node, error){"video0": webcam.open, "video11": pi.open, "video9": single.open}, []string{"video9", "video11"}, nil, ""},
		{"beside closed ones", map[string]func() (node, error){
			"video0": fail(syscall.EACCES), "video1": fail(syscall.EBUSY), "video11": pi.open, "video12": fail(syscall.ENODEV),
		}, []string{"video11"}, fs.ErrPermission, "2 of 4 video devices cannot be looked at: no permission for "},
		{"all in use", map[string]func() (node, error){"video11": fail(syscall.EBUSY)}, nil, syscall.EBUSY, "1 of 1 video devices"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := nodes(t, c.nodes).encoders(H264)
			if !errors.Is(err, c.is) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %v with %q", err, c.is, c.says)
			}
			var names []string
			for _, n := range found {
				names = append(names, filepath.Base(n.Path))
				if n.Card != "bcm2835-codec-encode" || n.Driver != "bcm2835-codec" {
					t.Errorf("%+v", n)
				}
			}
			if !slices.Equal(names, c.want) {
				t.Errorf("found %v, want %v", names, c.want)
			}
		})
	}
	webcam.check(t)
	for _, f := range []*fakeCodec{pi, single, decoder, yuyv} {
		f.check(t)
	}
}

func TestEncoderFits(t *testing.T) {
	n := newFakeCodec().node(t)
	for _, c := range []struct {
		width, height int
		ok            bool
	}{{1920, 1080, true}, {1080, 1920, true}, {16, 16, true}, {1922, 1080, false}, {16, 14, false}} {
		if err := n.Fits(capture.Size{Width: c.width, Height: c.height}); (err == nil) != c.ok {
			t.Errorf("%dx%d: %v", c.width, c.height, err)
		}
	}
	if err := (EncoderNode{}).Fits(capture.Size{Width: 9000, Height: 9000}); err != nil {
		t.Errorf("a driver that does not say: %v", err)
	}
}
