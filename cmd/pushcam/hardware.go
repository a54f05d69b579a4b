package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/v4l2"
	"github.com/pushcam/pushcam/capture/x264"
)

// hardwareRetry is how long a hardware encoder that failed is left alone. What
// made it fail is mostly there for longer: another program, no memory, a
// firmware that hangs until it is restarted.
const hardwareRetry = 10 * time.Minute

// hardware is the encoder in the machine, if there is one and it may be used.
type hardware struct {
	node *v4l2.EncoderNode // nil without one
	log  *slog.Logger
}

// pickHardware looks for it. That there is none is an error only for who asked
// for it.
func (c *serveConfig) pickHardware(log *slog.Logger, list func() ([]v4l2.EncoderNode, error)) (hardware, error) {
	none := hardware{log: log}
	if c.Encoder == encoderSoftware || c.Codec.Codec != capture.NoCodec && c.Codec.Codec != capture.H264 {
		return none, nil
	}
	nodes, err := list()
	for _, n := range nodes {
		unfit := n.Fits(c.Size)
		if unfit == nil {
			return hardware{node: &n, log: log}, nil
		}
		err = errors.Join(err, unfit)
	}
	switch {
	case c.Encoder == encoderHardware && err == nil:
		return none, errors.New("--encoder hardware: this machine has no V4L2 encoder of H.264, as a Raspberry Pi 3, 4 or Zero 2 has: use auto or software")
	case c.Encoder == encoderHardware:
		return none, fmt.Errorf("--encoder hardware: %w", err)
	case err != nil:
		log.Info("no hardware encoder is used", "err", err)
	}
	return none, nil
}

// before puts the hardware before an encoder in software. From its first
// failure on that one works, without a gap in the picture.
func (h hardware) before(software capture.NewEncoderFunc) capture.NewEncoderFunc {
	if h.node == nil {
		return software
	}
	both := &capture.Fallback{
		First: func(cfg capture.EncoderConfig) (capture.Encoder, error) {
			return h.node.NewEncoder(cfg, x264.LevelIDC)
		},
		Then:  software,
		Retry: hardwareRetry,
		Failed: func(err error) {
			h.log.Warn("hardware encoder failed: libx264 goes on", "retry", hardwareRetry, "err", err)
		},
	}
	return both.New
}
