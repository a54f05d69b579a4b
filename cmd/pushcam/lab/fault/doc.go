//go:build lab && linux

// Command fault sets a control of a camera, in the virtual machine of the lab:
// vivid has some that make it fail.
//
//	fault /dev/video0 "Inject Fatal Streaming Error" 1
package main
