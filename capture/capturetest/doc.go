// Package capturetest has what tests of cameras and encoders share: fakes that
// live by a script, and for each contract of package capture a suite that the
// fakes pass as well as the real ones.
//
// The suites are called from the tests of each implementation:
//
//	capturetest.CameraConformance(t, func(t *testing.T) capture.Camera { ... })
//
// Everything here keeps time by package time alone, so testing/synctest may
// hold the clock.
package capturetest
