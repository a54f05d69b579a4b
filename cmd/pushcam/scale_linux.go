package main

import (
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/yuv"
)

// scaler is libyuv's, which is there for the cameras' formats.
func scaler() func(dst, src *capture.Frame) error { return yuv.Scale }
