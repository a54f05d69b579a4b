//go:build !linux

package main

import "github.com/pushcam/pushcam/capture"

// scaler is the one that capture has itself: libyuv need not be here.
func scaler() func(dst, src *capture.Frame) error { return nil }
