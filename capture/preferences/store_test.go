package preferences

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const c920 = "usb-046d_HD_Pro_Webcam_C920-video-index0"

func TestMain(m *testing.M) {
	if folder := os.Getenv("PREFERENCES_WRITER"); folder != "" {
		os.Exit(writer(folder))
	}
	goleak.VerifyTestMain(m)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func set(key string, value int64) func(map[string]int64) {
	return func(kept map[string]int64) { kept[key] = value }
}

func update(t *testing.T, s *Store, camera string, edit func(map[string]int64)) {
	t.Helper()
	if err := s.Update(t.Context(), camera, edit); err != nil {
		t.Fatal(err)
	}
}

func wantKept(t *testing.T, s *Store, camera string, want map[string]int64) {
	t.Helper()
	if got, err := s.Load(camera); err != nil || !maps.Equal(got, want) {
		t.Errorf("kept of %q: %v, %v; want %v", camera, got, err, want)
	}
}

func TestStore(t *testing.T) {
	state := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := New(state, quiet())
	wantKept(t, s, c920, nil)
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load made a folder: %v", err)
	}
	update(t, s, c920, func(map[string]int64) {})
	update(t, s, c920, set("exposure_time_absolute", 250))
	update(t, s, c920, set("auto_exposure", 1))
	update(t, s, "other", set("auto_exposure", 3))
	text, err := os.ReadFile(filepath.Join(state, "controls", c920+".json"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "version": 1,
  "camera": "usb-046d_HD_Pro_Webcam_C920-video-index0",
  "controls": {
    "auto_exposure": 1,
    "exposure_time_absolute": 250
  }
}
`
	if string(text) != want {
		t.Errorf("the file is\n%s, want\n%s", text, want)
	}
	// Another run finds it.
	s = New(state, quiet())
	wantKept(t, s, c920, map[string]int64{"exposure_time_absolute": 250, "auto_exposure": 1})
	update(t, s, c920, func(kept map[string]int64) { clear(kept) })
	wantKept(t, s, c920, nil)
	wantKept(t, s, "other", map[string]int64{"auto_exposure": 3})
	files, err := filepath.Glob(filepath.Join(state, "controls", ".new-*"))
	if err != nil || len(files) > 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// A Store that is changed from outside sees it, as pushcam serve sees what
// pushcam set did.
func TestTwoStores(t *testing.T) {
	state := t.TempDir()
	one, two := New(state, quiet()), New(state, quiet())
	update(t, one, c920, set("a", 1))
	update(t, two, c920, set("b", 2))
	wantKept(t, one, c920, map[string]int64{"a": 1, "b": 2})
}

const writers, writes = 4, 10

// writer is a process that writes on its own.
func writer(state string) int {
	s := New(state, quiet())
	s.patience = time.Minute
	for n := range writes {
		err := s.Update(context.Background(), c920, func(kept map[string]int64) {
			kept["sum"]++
			kept[strconv.Itoa(os.Getpid())+"_"+strconv.Itoa(n)] = int64(n)
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func TestNoProcessLosesWhatAnotherWrote(t *testing.T) {
	state := t.TempDir()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "PREFERENCES_WRITER="+state)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("writer: %v: %s", err, out)
			}
		})
	}
	all.Wait()
	kept, err := New(state, quiet()).Load(c920)
	if err != nil || kept["sum"] != writers*writes || len(kept) != writers*writes+1 {
		t.Errorf("%d of %d writes are there, sum %d; %v", len(kept)-1, writers*writes, kept["sum"], err)
	}
}

func TestNoGoroutineLosesWhatAnotherWrote(t *testing.T) {
	state := t.TempDir()
	var all sync.WaitGroup
	for n := range 2 {
		s := New(state, quiet())
		s.patience = time.Minute
		for m := range 4 {
			all.Go(func() {
				if err := s.Update(t.Context(), c920, set(fmt.Sprint(n, "_", m), 1)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if kept, err := New(state, quiet()).Load(c920); err != nil || len(kept) != 8 {
		t.Errorf("kept %v, %v", kept, err)
	}
}

// What cannot be written holds for the run, and is written when that works.
func TestUnwritten(t *testing.T) {
	root := t.TempDir()
	blocked := filepath.Join(root, "state")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(blocked, quiet())
	if err := s.Update(t.Context(), c920, set("a", 1)); err == nil || !strings.Contains(err.Error(), "keep controls of "+c920) {
		t.Errorf("Update without a folder: %v", err)
	}
	if err := s.Update(t.Context(), c920, set("b", 2)); err == nil {
		t.Error("Update without a folder: no error")
	}
	wantKept(t, s, c920, map[string]int64{"a": 1, "b": 2})
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	update(t, s, c920, set("b", 2))
	wantKept(t, New(blocked, quiet()), c920, map[string]int64{"a": 1, "b": 2})
	update(t, New(blocked, quiet()), c920, set("a", 5))
	wantKept(t, s, c920, map[string]int64{"a": 5, "b": 2})

	nowhere := New("", quiet())
	if err := nowhere.Update(t.Context(), c920, set("a", 1)); err == nil || !strings.Contains(err.Error(), "--state-dir") {
		t.Errorf("Update without a state directory: %v", err)
	}
	wantKept(t, nowhere, c920, map[string]int64{"a": 1})
}

func TestLockHeldElsewhere(t *testing.T) {
	state := t.TempDir()
	s := New(state, quiet())
	update(t, s, c920, set("a", 1))
	s.patience = time.Millisecond
	unlock, err := lock(t.Context(), filepath.Join(state, "controls", ".lock"), s.patience)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Update(ctx, c920, set("a", 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("Update while another has the lock: %v", err)
	}
	if err := s.Update(t.Context(), c920, set("a", 3)); err == nil || !strings.Contains(err.Error(), "another pushcam") {
		t.Errorf("Update while another has the lock: %v", err)
	}
	unlock()
	s.patience = time.Minute
	update(t, s, c920, set("b", 1))
	wantKept(t, New(state, quiet()), c920, map[string]int64{"a": 3, "b": 1})
}

func TestUnreadableFiles(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, path string){
		"empty":           text(""),
		"no JSON":         text("brightness: 3\n"),
		"truncated":       text(`{"version": 1, "camera": "` + c920 + `", "controls": {"a"`),
		"another version": text(`{"version": 2, "camera": "` + c920 + `", "controls": {}, "new": 1}`),
		"no version":      text(`{"camera": "` + c920 + `", "controls": {}}`),
		"more after it":   text(`{"version": 1, "camera": "` + c920 + `", "controls": {}} {}`),
		"unknown field":   text(`{"version": 1, "camera": "` + c920 + `", "control": {}}`),
		"another camera":  text(`{"version": 1, "camera": "x", "controls": {}}`),
		"a fraction":      text(`{"version": 1, "camera": "` + c920 + `", "controls": {"a": 1.5}}`),
		"text":            text(`{"version": 1, "camera": "` + c920 + `", "controls": {"a": "on"}}`),
		"null":            text(`{"version": 1, "camera": "` + c920 + `", "controls": {"a": null}}`),
		"too big":         text(`{"version": 1, "camera": "` + strings.Repeat("x", maxSize) + `"}`),
		"too many":        text(`{"version": 1, "camera": "` + c920 + `", "controls": {` + manyControls() + `}}`),
		"binary":          text("\x00\xff\xfe\x7fELF"),
		"a folder": func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"endless": func(t *testing.T, path string) {
			if err := os.Symlink("/dev/zero", path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			var log bytes.Buffer
			s := New(state, slog.New(slog.NewTextHandler(&log, nil)))
			path := s.path(c920)
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, path)
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // reading changes nothing
				if kept, err := s.Load(c920); !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), path) {
					t.Fatalf("Load: %v, %v", kept, err)
				}
			}
			for n := range 2 {
				update(t, s, c920, set("a", 1))
				wantKept(t, s, c920, map[string]int64{"a": 1})
				if n == 0 {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
					put(t, path)
				}
			}
			for _, aside := range []string{path + ".unreadable", path + ".unreadable-2"} {
				after, err := os.Lstat(aside)
				if err != nil || after.Mode().Type() != before.Mode().Type() || after.Mode().IsRegular() && after.Size() != before.Size() {
					t.Errorf("moved aside: %v, %v; want %v", after, err, before)
				}
				if !strings.Contains(log.String(), aside) {
					t.Errorf("logged %s, want %s in it", &log, aside)
				}
			}
		})
	}
}

func text(content string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func manyControls() string {
	var all []string
	for i := range maxControls + 1 {
		all = append(all, fmt.Sprintf(`"c%d": 1`, i))
	}
	return strings.Join(all, ",")
}

// Whatever a maker calls its camera, its file is in the folder and no other's.
func TestFileName(t *testing.T) {
	seen := map[string]string{}
	long := strings.Repeat("x", 300)
	for _, camera := range []string{
		"", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a%2Fb", "a b", "a\x00b", "a\nb", ".lock", ".new-1", "caméra",
		c920, "vivid at platform:vivid-000", long, long + "y", strings.Repeat("/", 300), strings.Repeat("/", 301), "%", "%25",
	} {
		name := fileName(camera)
		if other, twice := seen[name]; twice {
			t.Errorf("%q and %q have the file %q", camera, other, name)
		}
		seen[name] = camera
		if filepath.Base(name) != name || name[0] == '.' || len(name) > 220 || strings.ContainsAny(name, "/\\\x00\n") {
			t.Errorf("%q has the file %q", camera, name)
		}
	}
	if got := fileName(c920); got != c920+".json" {
		t.Errorf("a usual name is %q", got)
	}
	s := New(t.TempDir(), quiet())
	for _, camera := range seen {
		update(t, s, camera, set("a", 1))
	}
	for _, camera := range seen {
		wantKept(t, s, camera, map[string]int64{"a": 1})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"camera":"c","controls":{"brightness":3}}`, `{"version":1,"camera":"c"}`, `{"version":2}`, `{`, ``, `[]`, `null`,
		`{"version":1,"camera":"c","controls":{"a":null}}`, `{"version":1,"camera":"c","controls":{"a":9223372036854775807}}`,
		`{"version":1,"camera":"c","controls":{"a":1,"a":2}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "f.json")
		values, err := parse(content, "c")
		if err != nil {
			return
		}
		// What was understood means the same when it is written again.
		if err := write(path, document{Version: version, Camera: "c", Controls: values}); err != nil {
			t.Fatal(err)
		}
		if again, err := read(path, "c"); err != nil || !maps.Equal(again, values) {
			t.Errorf("%v became %v, %v", values, again, err)
		}
	})
}
