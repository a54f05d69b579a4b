package preferences

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// ErrUnreadable: the file is there and is not one that this program wrote, or
// was damaged since.
var ErrUnreadable = errors.New("not a file of kept controls")

const (
	version = 1
	// maxSize and maxControls are far more than a camera has, and little
	// enough to read /dev/zero without harm.
	maxSize     = 256 << 10
	maxControls = 1000
)

// document is a file.
type document struct {
	Version  int              `json:"version"`
	Camera   string           `json:"camera"`
	Controls map[string]int64 `json:"controls"`
}

// read returns what a file keeps, nothing when there is none. Errors are
// ErrUnreadable when only moving the file away helps.
func read(path, camera string) (map[string]int64, error) {
	text, err := readText(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]int64{}, nil
	}
	if err != nil {
		return nil, err
	}
	values, err := parse(text, camera)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrUnreadable, err)
	}
	return values, nil
}

func readText(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblocking, 0) // a FIFO would wait for its writer
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !about.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is no regular file", path, ErrUnreadable)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(text) > maxSize {
		err = fmt.Errorf("%s: %w: larger than it can be (%d bytes)", path, ErrUnreadable, maxSize)
	}
	return text, err
}

// parse checks all of it: half of what was kept would be a setting that nobody
// chose.
func parse(text []byte, camera string) (map[string]int64, error) {
	var about struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &about); err != nil {
		return nil, whereIn(text, err)
	}
	if about.Version != version {
		return nil, fmt.Errorf("it is of version %d, want %d", about.Version, version)
	}
	var d struct {
		document
		Controls map[string]*int64 `json:"controls"` // to tell null from 0
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return nil, whereIn(text, err)
	}
	switch {
	case d.Camera != camera:
		return nil, fmt.Errorf("it belongs to camera %q", d.Camera)
	case len(d.Controls) > maxControls:
		return nil, fmt.Errorf("%d controls are more than a camera can have", len(d.Controls))
	}
	values := map[string]int64{}
	for key, value := range d.Controls {
		if value == nil {
			return nil, fmt.Errorf("%q has no value", key)
		}
		values[key] = *value
	}
	return values, nil
}

// whereIn adds the line to an error that knows the byte.
func whereIn(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	offset = min(max(offset, 0), int64(len(text)))
	return fmt.Errorf("line %d: %w", bytes.Count(text[:offset], []byte("\n"))+1, err)
}

// write replaces the file at once, so that nobody sees half of it, also after a
// power failure.
func write(path string, d document) (err error) {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error that counts is the first one
		}
	}()
	_, err = f.Write(append(text, '\n'))
	// Who may look at the camera may know its brightness: pushcam may run as
	// another user than who sets it.
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	err = os.Rename(f.Name(), path)
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// maxAside is how many damaged files of a camera are kept.
const maxAside = 99

// moveAside gives the file another name, which no file has.
func moveAside(path string) (string, error) {
	for n := range maxAside {
		aside := path + ".unreadable"
		if n > 0 {
			aside += "-" + strconv.Itoa(n+1)
		}
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(path, aside)
		}
	}
	return "", fmt.Errorf("%s: cannot be read, and %d files like it are there already: remove some", path, maxAside)
}
