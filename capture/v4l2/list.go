package v4l2

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Node is a camera as the system lists it.
type Node struct {
	Path   string // of the device node: "/dev/video0"
	ByID   string // name in /dev/v4l/by-id, "" where udev made none
	ByPath string // name in /dev/v4l/by-path, "" where udev made none
	Card   string // what its maker calls it
	Driver string // the kernel's: "uvcvideo"
	Bus    string // where it is connected: "usb-0000:00:14.0-3"
	// NeedsPipeline reports that its pictures come through a media pipeline that
	// somebody has to set up, like a Raspberry Pi's camera port; opening the
	// node alone delivers nothing.
	NeedsPipeline bool
	// Err is why it could not be asked: no permission, or in use. What it is, is
	// not known then.
	Err error
}

// Name is the most stable name there is: it survives a restart and another
// number; ByPath does for a camera without identity, while it stays in its port.
func (n Node) Name() string { return cmp.Or(n.ByID, n.ByPath, filepath.Base(n.Path)) }

// List returns the nodes of this machine that capture video, by number. Those
// for metadata, output and conversion are left out. It opens each.
func List() ([]Node, error) { return kernel().list() }

func (s system) list() ([]Node, error) {
	dev := filepath.Join(s.root, "dev")
	paths, err := s.videoNodes()
	if err != nil {
		return nil, err
	}
	byID := links(filepath.Join(dev, "v4l", "by-id"))
	byPath := links(filepath.Join(dev, "v4l", "by-path"))
	var nodes []Node
	for _, path := range paths {
		n, ok := s.inspect(path)
		if !ok {
			continue
		}
		base := filepath.Base(path)
		n.ByID, n.ByPath = byID[base], byPath[base]
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// videoNodes are the paths of all video devices, by number.
func (s system) videoNodes() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(s.root, "dev", "video[0-9]*"))
	slices.SortFunc(paths, func(a, b string) int {
		// Shorter first: video2 comes before video10.
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return paths, err
}

// inspect reports whether the node is worth showing.
func (s system) inspect(path string) (Node, bool) {
	d, err := s.device(path)
	if err != nil {
		n := Node{Path: path, Err: err}
		// The name of one that may not be opened is public.
		if name, readErr := os.ReadFile(filepath.Join(s.root, "sys", "class", "video4linux", filepath.Base(path), "name")); readErr == nil {
			n.Card = text(name)
		}
		return n, errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EBUSY)
	}
	n := d.Node()
	// It was only asked; a failure to close says nothing about it.
	_ = d.Close()
	return n, true
}

// links reads udev's links in a folder: name by node, the first in order where
// there are more.
func links(folder string) map[string]string {
	names := map[string]string{}
	entries, err := os.ReadDir(folder) // sorted
	if err != nil {
		return names // no udev, or no such camera
	}
	for _, entry := range entries {
		target, err := os.Readlink(filepath.Join(folder, entry.Name()))
		if err != nil || strings.ContainsAny(entry.Name(), ";\n") {
			continue
		}
		if node := filepath.Base(target); names[node] == "" {
			names[node] = entry.Name()
		}
	}
	return names
}
