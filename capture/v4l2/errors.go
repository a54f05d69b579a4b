package v4l2

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// What a caller can branch on. The system's error is wrapped, too:
// errors.Is(err, fs.ErrPermission) or (err, syscall.EBUSY) hold where they apply.
var (
	// ErrGone: the device was unplugged, or its driver unloaded.
	ErrGone = errors.New("the camera is gone: reconnect it")
	// ErrStalled: the device is there and delivers nothing usable.
	ErrStalled = errors.New("no picture for too long: the camera hangs, or its cable or hub is at fault")
	// ErrClosed: a Device or Queue was used after its Close.
	ErrClosed = errors.New("camera is closed")
	// ErrEncoderStalled: an encoder takes pictures and gives none back.
	ErrEncoderStalled = errors.New("the encoder hangs")
	// ErrNotCamera: the node exists and captures no video.
	ErrNotCamera = errors.New("not a camera that this program can read")
)

// explain adds to an error of the system what to do about it.
func explain(err error, path string) error {
	var advice string
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, ErrClosed):
		return err
	case errors.Is(err, fs.ErrPermission):
		advice = fmt.Sprintf("no permission for %s: add the user to group video (sudo usermod -aG video $USER), then log in again", path)
	case errors.Is(err, syscall.EBUSY):
		advice = fmt.Sprintf("another program uses %s: close it, or find it with: fuser -v %s", path, path)
	case errors.Is(err, syscall.ENOSPC):
		advice = "its USB bus has no bandwidth left for this mode: ask for a smaller size or rate, or use another port"
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("%w (%w)", ErrGone, err)
	case errors.Is(err, syscall.EINVAL):
		advice = "the driver refuses the mode it listed: ask for another size or rate"
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EPROTO), errors.Is(err, syscall.EPIPE),
		errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, syscall.EILSEQ):
		advice = "the camera or its connection failed: try another cable or port"
	case errors.Is(err, syscall.ENOMEM):
		advice = "no memory for its pictures: ask for a smaller size, on a Raspberry Pi also give the CMA more (cma= in cmdline.txt)"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		advice = "too many open files: raise the limit (ulimit -n)"
	default:
		return err
	}
	return fmt.Errorf("%s (%w)", advice, err)
}

// unsupported tells an ioctl that a driver does not have.
func unsupported(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.EINVAL)
}

// fail names the operation and the device.
func (d *Device) fail(operation string, err error) error {
	if errors.Is(err, syscall.EBUSY) && d.mapped.Load() > 0 {
		return fmt.Errorf("%s %s: it is in use here: close its Queue and release its Buffers first (%w)", operation, d.path, err)
	}
	return fmt.Errorf("%s %s: %w", operation, d.path, explain(err, d.path))
}
