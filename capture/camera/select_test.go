package camera

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/pion/mediadevices/pkg/driver"
)

func TestDescribe(t *testing.T) {
	for _, tt := range []struct {
		label, name string
		want        Device
		text        string
	}{
		{"usb-046d_HD_Pro_Webcam_C920_1A2B-video-index0;video2", "HD Pro Webcam C920;usb-0000:00:14.0-3",
			Device{Name: "usb-046d_HD_Pro_Webcam_C920_1A2B-video-index0", Path: "/dev/video2", Title: "HD Pro Webcam C920", Bus: "usb-0000:00:14.0-3"},
			`"HD Pro Webcam C920" (/dev/video2, usb-046d_HD_Pro_Webcam_C920_1A2B-video-index0)`},
		{"video0;video0", "a;b;platform:vivid-000",
			Device{Name: "video0", Path: "/dev/video0", Title: "a;b", Bus: "platform:vivid-000"}, `"a;b" (/dev/video0)`},
		{"video0;video0", ";", Device{Name: "video0", Path: "/dev/video0", Title: "video0"}, `"video0" (/dev/video0)`},
		{"0x8020000005ac8514", "FaceTime HD Camera",
			Device{Name: "0x8020000005ac8514", Title: "FaceTime HD Camera"}, `"FaceTime HD Camera" (0x8020000005ac8514)`},
		{"id", "", Device{Name: "id", Title: "id"}, `"id" (id)`},
	} {
		got := describe(driver.Info{Label: tt.label, Name: tt.name})
		if got.Name != tt.want.Name || got.Path != tt.want.Path || got.Title != tt.want.Title || got.Bus != tt.want.Bus {
			t.Errorf("describe(%q, %q) = %+v, want %+v", tt.label, tt.name, got, tt.want)
		}
		if got.String() != tt.text {
			t.Errorf("String: %s, want %s", got, tt.text)
		}
	}
}

func device(name, path, title, bus string) Device {
	return Device{Name: name, Path: path, Title: title, Bus: bus}
}

// machineOfMany is a list in the order that List has.
func machineOfMany() []Device {
	devices := []Device{
		device("pci-0000:00:14.0-usb-0:3:1.0-video-index0", "/dev/video12", "Twin", "usb-0000:00:14.0-3"),
		device("usb-046d_C920-video-index0", "/dev/video10", "HD Pro Webcam C920", "usb-0000:00:14.0-1"),
		device("usb-ACME_Twin-video-index0", "/dev/video2", "Twin", "usb-0000:00:14.0-2"),
		device("video1", "/dev/video1", "unicam", "platform:fe801000.csi"),
		device("video3", "/dev/video3", "vivid", "platform:vivid-000"),
		device("video11", "/dev/video11", "vivid", "platform:vivid-001"),
	}
	for i := range devices {
		devices[i].Index = i
	}
	return devices
}

func TestOrderDoesNotDependOnTheSystem(t *testing.T) {
	want := machineOfMany()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		got := machineOfMany()
		rng.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, compareDevices)
		for i := range got {
			if got[i].Path != want[i].Path {
				t.Fatalf("order\n%v\nwant\n%v", got, want)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(folder, "my-camera")
	node := filepath.Join(folder, "video77")
	if err := os.WriteFile(node, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("video77", link); err != nil {
		t.Fatal(err)
	}
	node, err := filepath.EvalSymlinks(node) // macOS: the temporary folder is behind one itself
	if err != nil {
		t.Fatal(err)
	}
	devices := append(machineOfMany(), Device{Name: "usb-linked", Path: node, Title: "Linked", Index: 6})
	for _, tt := range []struct {
		want string
		path string // of the device, or
		fail string // part of the error
	}{
		{"", "/dev/video12", ""},
		{"auto", "/dev/video12", ""},
		{"usb-046d_C920-video-index0", "/dev/video10", ""},
		{"/dev/video2", "/dev/video2", ""},
		{"/dev/video1", "/dev/video1", ""}, // not video10 too
		{link, node, ""},
		{"0", "/dev/video12", ""},
		{"5", "/dev/video11", ""},
		{"video1", "/dev/video1", ""},
		{"video10", "/dev/video10", ""},
		{"UNICAM", "/dev/video1", ""},
		{"c920", "/dev/video10", ""},
		{"acme", "/dev/video2", ""},
		{"vivid", "", "more than one camera: say which of 4 \"vivid\" (/dev/video3); 5 \"vivid\" (/dev/video11)"},
		{"Twin", "", "more than one camera"},
		{"7", "", `no camera "7": there is 0 "Twin"`},
		{"-1", "", `no camera "-1"`},
		{"/dev/video9", "", `no camera "/dev/video9"`},
		{"/dev/v4l/by-id/nothing", "", `no camera "/dev/v4l/by-id/nothing"`},
		{"nikon", "", `there is 0 "Twin" (/dev/video12, pci-0000:00:14.0-usb-0:3:1.0-video-index0); 1 "HD Pro Webcam C920"`},
	} {
		d, err := Select(devices, tt.want)
		if tt.fail == "" && (err != nil || d.Path != tt.path) {
			t.Errorf("Select(%q) = %v, %v; want %s", tt.want, d, err, tt.path)
		}
		if tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)) {
			t.Errorf("Select(%q) = %v, %v; want an error with %s", tt.want, d, err, tt.fail)
		}
	}
	for _, want := range []string{"", "auto", "0", "x"} {
		if _, err := Select(nil, want); !errors.Is(err, ErrNoCamera) {
			t.Errorf("Select of nothing, %q: %v, want %v", want, err, ErrNoCamera)
		}
	}
}

func TestAutoPrefersWhatCanBeOpened(t *testing.T) {
	devices := machineOfMany()
	devices[0].Err = syscall.EACCES
	if d, err := Select(devices, Auto); err != nil || d.Path != "/dev/video10" {
		t.Errorf("Select(auto) = %v, %v; want /dev/video10", d, err)
	}
	for i := range devices {
		devices[i].Err = syscall.EACCES
	}
	if d, err := Select(devices, Auto); err != nil || d.Path != "/dev/video12" {
		t.Errorf("Select(auto) without a usable one = %v, %v; want the first", d, err)
	}
}

func TestScanLeavesOutWhatIsNoCamera(t *testing.T) {
	camera, metadata, depth, isp, locked := newFake(), newFake(), newFake(), newFake(), newFake()
	metadata.label, metadata.properties = "usb-ACME_Webcam-video-index1;video1", nil
	depth.label = "usb-ACME_Depth-video-index0;video2"
	depth.properties[0].FrameFormat = "Z16"
	isp.label, isp.name = "video13;video13", "bcm2835-isp;platform:bcm2835-isp"
	locked.label, locked.name, locked.openErr = "video4;video4", ";", syscall.EACCES
	all, err := plugged(t, locked, isp, depth, metadata, camera).scan()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Path != "/dev/video0" || all[1].Path != "/dev/video4" || all[1].Err == nil || all[1].Index != 1 {
		t.Errorf("scan: %+v", all)
	}
}
