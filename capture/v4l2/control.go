package v4l2

import "github.com/pushcam/pushcam/capture"

// control is a capture.Control with the kernel's number.
type control struct {
	capture.Control
	id uint32
}

// The kernel's numbers of the types, enum v4l2_ctrl_type.
const (
	kernelInteger      = 1
	kernelBoolean      = 2
	kernelMenu         = 3
	kernelButton       = 4
	kernelInteger64    = 5
	kernelControlClass = 6
	kernelBitmask      = 8
	kernelIntegerMenu  = 9
)

func controlType(kind uint32) capture.ControlType {
	switch kind {
	case kernelInteger:
		return capture.ControlInteger
	case kernelBoolean:
		return capture.ControlBoolean
	case kernelMenu:
		return capture.ControlMenu
	case kernelButton:
		return capture.ControlButton
	case kernelInteger64:
		return capture.ControlInteger64
	case kernelBitmask:
		return capture.ControlBitmask
	case kernelIntegerMenu:
		return capture.ControlIntegerMenu
	}
	return capture.ControlOpaque
}

// public leaves the kernel's numbers out.
func public(controls []control) []capture.Control {
	out := make([]capture.Control, len(controls))
	for i, c := range controls {
		out[i] = c.Control
	}
	return out
}

func pick(controls []control, name string) (control, error) {
	i, err := capture.FindControl(public(controls), name)
	if err != nil {
		return control{}, err
	}
	return controls[i], nil
}
