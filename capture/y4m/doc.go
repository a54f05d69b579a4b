// Package y4m writes pictures as YUV4MPEG2, the plainest format that every
// video program reads, so that they can be handed on through a pipe:
//
//	YUV4MPEG2 W1280 H720 F30:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n
//	FRAME\n  Y plane, U plane, V plane
//	FRAME\n  ...
//
// The format has no time stamps: a picture that was skipped is missing, and
// what follows moves up. It is described in yuv4mpeg(5) of mjpegtools.
package y4m
