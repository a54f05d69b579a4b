package api

// Version is which pushcam it is. What a build did not record is "".
type Version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // of the source
	Go       string `json:"go"`
	Platform string `json:"platform"` // like linux/arm64
}

// State is what there is to see now.
type State struct {
	Version string `json:"version"`
	// Role is what who asks may: viewer, or operator; Login whether there are
	// accounts to log in with, and Session whether who asks has done so by the form.
	Role       string      `json:"role"`
	Login      bool        `json:"login"`
	Session    bool        `json:"session"`
	Camera     Camera      `json:"camera"`
	Viewers    int         `json:"viewers"`
	Renditions []Rendition `json:"renditions"`
}

// Camera is the one that is shown.
type Camera struct {
	State  string `json:"state"`  // idle, opening, live or lost
	Detail string `json:"detail"` // what is wrong, in words; "" when all is well
	Name   string `json:"name"`
	Mode   string `json:"mode"` // like "1280x720 at 30 fps, MJPEG"; "" unless live
}

// Rendition is one encoding that is in use.
type Rendition struct {
	Name      string  `json:"name"` // full, half or quarter
	Codec     string  `json:"codec"`
	Width     int     `json:"width"` // 0 before the first picture, like all that follow
	Height    int     `json:"height"`
	FrameRate float64 `json:"fps"`
	Bitrate   int64   `json:"bitrate"` // that its encoder is set to, bits per second
	Viewers   int     `json:"viewers"`
}

// Viewer is one who watches over WebRTC.
type Viewer struct {
	ID string `json:"id"` // tells viewers apart, and is good for nothing else
	// Address is for operators only; else "".
	Address   string  `json:"address"`
	Seconds   float64 `json:"seconds"` // since it came
	Codec     string  `json:"codec"`   // "" until it is settled
	Rendition string  `json:"rendition"`
	Layer     int     `json:"layer"` // the highest temporal one that it gets
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	FrameRate float64 `json:"fps"`
	Bitrate   int64   `json:"bitrate"`  // that it gets, bits per second
	Estimate  int64   `json:"estimate"` // that its path carries, bits per second; 0 while not known
	Loss      float64 `json:"loss"`     // share of the packets lately, 0 to 1
	RoundTrip float64 `json:"round_trip_ms"`
	// CaptureToSend is from a picture's capture to its last packet, lately.
	CaptureToSend Percentiles       `json:"capture_to_send_ms"`
	Pictures      uint64            `json:"pictures"`
	Packets       uint64            `json:"packets"`
	Resent        uint64            `json:"resent"` // packets
	Lost          uint64            `json:"lost"`   // packets, as the viewer reports
	Drops         map[string]uint64 `json:"drops"`  // by reason
}

// Percentiles are half of what was measured, and nineteen of twenty, at most.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// Statistics is what was done since the start.
type Statistics struct {
	Frames          uint64            `json:"frames"` // read from the camera
	Slates          uint64            `json:"slates"` // shown in its place
	Pictures        uint64            `json:"pictures"`
	Keyframes       uint64            `json:"keyframes"`
	DecodingSeconds float64           `json:"decoding_seconds"`
	EncodingSeconds float64           `json:"encoding_seconds"`
	Encoders        int               `json:"encoders"` // that run now
	EncoderFailures uint64            `json:"encoder_failures"`
	Drops           map[string]uint64 `json:"drops"` // before and in the encoders, by reason
	Port            Port              `json:"port"`
}

// Port is what went through the media port over UDP.
type Port struct {
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
	Calls   uint64 `json:"calls"`  // of the system, to send them
	Late    uint64 `json:"late"`   // packets that waited for room in the socket
	Full    uint64 `json:"full"`   // packets dropped as there was none
	Failed  uint64 `json:"failed"` // packets that the system refused
}

// Control is a setting of the camera.
type Control struct {
	Key  string `json:"key"`
	Name string `json:"name"` // for people
	// Type is integer, boolean, menu, button, bitmask, integer_menu or
	// integer64.
	Type    string `json:"type"`
	Min     int64  `json:"min"`
	Max     int64  `json:"max"`
	Step    int64  `json:"step"`
	Default int64  `json:"default"`
	// Value is left out where there is none to be read. A boolean's is 0 or 1.
	Value    *int64     `json:"value,omitempty"`
	Menu     []MenuItem `json:"menu"` // what a menu's value may be; else empty
	ReadOnly bool       `json:"read_only"`
	Inactive bool       `json:"inactive"` // without effect now: another control decides
	Busy     bool       `json:"busy"`     // cannot be changed now
	Volatile bool       `json:"volatile"` // changes by itself
	Kept     bool       `json:"kept"`     // was set by somebody, and is set again at each opening
}

// MenuItem is a choice.
type MenuItem struct {
	Value int64  `json:"value"`
	Name  string `json:"name"`
}

// Controls is what is said of them.
type Controls struct {
	Controls []Control `json:"controls"`
}

// Change is what to do to the camera's controls: Reset first.
type Change struct {
	// Reset sets all to their defaults, and forgets what was kept.
	Reset bool
	// Default sets those to their defaults.
	Default []string
	// Set has the values to set, and to keep.
	Set map[string]int64
}

// NotSetError says which controls were not set, and why, by key. All others are.
type NotSetError struct{ Failed map[string]string }

// Error says how many.
func (e *NotSetError) Error() string { return "not all controls could be set; the others are" }
