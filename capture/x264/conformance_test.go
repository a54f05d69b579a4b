package x264

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func newEncoder(config capture.EncoderConfig) (capture.Encoder, error) { return New(config) }

// both runs a test without layers and with them.
func both(t *testing.T, test func(*testing.T, capture.Codec, capturetest.NewEncoder)) {
	t.Run("one layer", func(t *testing.T) { test(t, capture.H264, newEncoder) })
	t.Run("layers", func(t *testing.T) { test(t, capture.H264, capturetest.Layered(t, newEncoder)) })
}

func TestConformance(t *testing.T) { both(t, capturetest.EncoderConformance) }

func TestRates(t *testing.T) { capturetest.RateConformance(t, newEncoder) }

func TestLayerRates(t *testing.T) { capturetest.LayerRateConformance(t, newEncoder) }

func TestDecodable(t *testing.T) { both(t, capturetest.DecodeConformance) }

// Slates are never in layers.

func TestSlates(t *testing.T) { capturetest.SlateConformance(t, capture.H264, newEncoder) }

func TestLayers(t *testing.T) { capturetest.LayerConformance(t, capture.H264, newEncoder) }
