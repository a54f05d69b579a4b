package vp8

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func newEncoder(config capture.EncoderConfig) (capture.Encoder, error) { return New(config) }

func TestConformance(t *testing.T) { capturetest.EncoderConformance(t, capture.VP8, newEncoder) }

func TestRates(t *testing.T) { capturetest.RateConformance(t, newEncoder) }

func TestDecodable(t *testing.T) { capturetest.DecodeConformance(t, capture.VP8, newEncoder) }

func TestSlates(t *testing.T) { capturetest.SlateConformance(t, capture.VP8, newEncoder) }
