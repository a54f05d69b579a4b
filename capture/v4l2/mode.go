package v4l2

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// Mode is a format, size and interval that a device lists.
type Mode struct {
	PixelFormat PixelFormat
	capture.Size
	Interval Interval // zero when the device does not state it
}

// String is the mode in one phrase: "1280x720 MJPG at 30 fps".
func (m Mode) String() string {
	if m.Interval.Rate() == 0 {
		return fmt.Sprintf("%v %v", m.Size, m.PixelFormat)
	}
	return fmt.Sprintf("%v %v at %.4g fps", m.Size, m.PixelFormat, m.Interval.Rate())
}

// maxListed bounds every list that a driver hands out item by item, should it
// not end.
const maxListed = 256

// Modes lists what the device offers, in its order. Where a driver offers a
// range of sizes or intervals instead of a list, the usual ones within that
// range and on its steps stand for it, with its largest size and its shortest
// interval; any other may be asked for by SetFormat and SetInterval.
func (d *Device) Modes() ([]Mode, error) {
	formats, err := d.pixelFormats()
	if err != nil {
		return nil, d.fail("list the formats of", err)
	}
	var modes []Mode
	for _, f := range formats {
		sizes, err := d.sizes(f)
		if err != nil {
			return nil, d.fail(fmt.Sprintf("list the sizes of %v of", f), err)
		}
		for _, size := range sizes {
			intervals, err := d.intervals(f, size)
			if err != nil {
				return nil, d.fail(fmt.Sprintf("list the rates of %v %v of", size, f), err)
			}
			for _, i := range intervals {
				modes = append(modes, Mode{PixelFormat: f, Size: size, Interval: i})
			}
		}
	}
	return modes, nil
}

// ended tells the end of a list (EINVAL), or that there is none (ENOTTY), from
// a device that fails.
func ended(err error) bool { return unsupported(err) || errors.Is(err, syscall.ENODATA) }

func (d *Device) pixelFormats() ([]PixelFormat, error) {
	var formats []PixelFormat
	for i := range uint32(maxListed) {
		raw := formatDescription{index: i, kind: d.kind}
		if err := d.ioctl(requestEnumFormats, unsafe.Pointer(&raw)); ended(err) {
			break
		} else if err != nil {
			return nil, err
		}
		if !slices.Contains(formats, raw.pixelFormat) {
			formats = append(formats, raw.pixelFormat)
		}
	}
	return formats, nil
}

func (d *Device) sizes(f PixelFormat) ([]capture.Size, error) {
	var sizes []capture.Size
	for i := range uint32(maxListed) {
		raw := frameSize{index: i, pixelFormat: f}
		err := d.ioctl(requestEnumSizes, unsafe.Pointer(&raw))
		if i == 0 && ended(err) {
			return d.trySizes(f)
		}
		if ended(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		if raw.kind != kindDiscrete {
			// A range is the only entry of its list.
			sizes = append(sizes, usualSizes(raw.sizes, raw.kind)...)
			break
		}
		width, height := raw.sizes.discrete()
		if s := (capture.Size{Width: bounded(width), Height: bounded(height)}); sensible(s) {
			sizes = append(sizes, s)
		}
	}
	return unique(sizes), nil
}

// trySizes asks a driver without a list for the usual sizes, one by one.
func (d *Device) trySizes(f PixelFormat) ([]capture.Size, error) {
	var sizes []capture.Size
	for _, s := range usualPictures() {
		got, err := d.negotiate(requestTryFormat, f, s)
		if errors.Is(err, ErrClosed) || errors.Is(err, syscall.ENODEV) {
			return nil, err
		}
		if err == nil && got.Size == s && got.PixelFormat == f {
			sizes = append(sizes, s)
		}
	}
	return sizes, nil
}

func (d *Device) intervals(f PixelFormat, size capture.Size) ([]Interval, error) {
	var intervals []Interval
	for i := range uint32(maxListed) {
		raw := frameInterval{index: i, pixelFormat: f, width: uint32(size.Width), height: uint32(size.Height)}
		if err := d.ioctl(requestEnumIntervals, unsafe.Pointer(&raw)); ended(err) {
			break
		} else if err != nil {
			return nil, err
		}
		if raw.kind != kindDiscrete {
			intervals = append(intervals, usualIntervals(raw)...)
			break
		}
		if raw.min.Rate() > 0 {
			intervals = append(intervals, raw.min)
		}
	}
	if len(intervals) == 0 {
		return []Interval{{}}, nil
	}
	return unique(intervals), nil
}

func sensible(s capture.Size) bool {
	return min(s.Width, s.Height) >= 1 && max(s.Width, s.Height) <= capture.MaxDimension
}

// unique drops repetitions and keeps the order.
func unique[T cmpEqual](all []T) []T {
	var out []T
	for _, v := range all {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

type cmpEqual interface{ capture.Size | Interval }

// bySpeed puts the shortest interval first.
func bySpeed(a, b Interval) int { return cmp.Or(a.compare(b), cmp.Compare(a.Numerator, b.Numerator)) }
