// Package y4m writes and reads pictures as YUV4MPEG2, the plainest format that
// every video program has, so that they can be handed on through a pipe:
//
//	YUV4MPEG2 W1280 H720 F30:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n
//	FRAME\n  Y plane, U plane, V plane
//	FRAME\n  ...
//
// The format has no time stamps: a picture that was skipped is missing, and
// what follows moves up. It is described in yuv4mpeg(5) of mjpegtools.
//
// What is read may be anything: a header is bounded, and a picture's memory
// too. In steady state reading allocates nothing.
package y4m
