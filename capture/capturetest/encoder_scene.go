package capturetest

import (
	"bytes"
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Scene draws what costs an encoder about as much as a camera does: texture
// that pans slowly, a brighter disc that crosses it, and sensor noise. The
// same index always gives the same picture. One goroutine uses it.
//
// What goes over each pixel is kept from the race detector (go:norace), which
// would make it take most of the time of the tests.
type Scene struct {
	size  capture.Size
	start time.Time
	step  time.Duration

	background []byte // twice as wide as the picture, for the pan
	noise      []int8
	sum        [512]byte // clamps background + noise, offset 128
}

// noisePeriod is a prime, so that rows and pictures do not share a phase.
const noisePeriod = 65521

// NewScene returns a scene of pictures of this size, frameRate per second,
// the first taken at start.
//
//go:norace
func NewScene(size capture.Size, frameRate float64, start time.Time) *Scene {
	s := &Scene{
		size:       size,
		start:      start,
		step:       time.Duration(float64(time.Second) / frameRate),
		background: make([]byte, 2*size.Pixels()),
		noise:      make([]int8, noisePeriod),
	}
	for i := range s.sum {
		s.sum[i] = byte(min(max(i-128, 16), 235))
	}
	rng := uint32(1)
	next := func() uint32 { // xorshift32
		rng ^= rng << 13
		rng ^= rng >> 17
		rng ^= rng << 5
		return rng
	}
	for i := range s.noise {
		// The sum of four uniform values is near enough to a Gaussian:
		// standard deviation 2.3, a webcam in room light.
		r := next()
		s.noise[i] = int8((int(r&3) + int(r>>2&3) + int(r>>4&3) + int(r>>6&3) - 6) * 2 / 2) // -6..6
	}
	width := 2 * size.Width
	for y := range size.Height {
		for x := range width {
			fx, fy := float64(x), float64(y)
			v := 110 + 40*math.Sin(fx/97+fy/61) + 25*math.Sin(fx/13-fy/29) + 12*math.Sin(fx/3.1+fy/4.3)
			if (x/40+y/40)%7 == 0 { // hard edges, as furniture has
				v += 45
			}
			s.background[y*width+x] = byte(min(max(v, 16), 235))
		}
	}
	return s
}

// Frame returns the picture with this index. With extra > 0 its rows are that
// many bytes longer than its width, filled with what would show.
func (s *Scene) Frame(index, extra int) *capture.Frame {
	f := stridedFrame(s.size, extra)
	f.Time = s.start.Add(time.Duration(index) * s.step)
	s.luma(f, index)
	s.chroma(f, index)
	return f
}

//go:norace
func (s *Scene) luma(f *capture.Frame, index int) {
	width := s.size.Width
	pan := index % width
	for y := range s.size.Height {
		row := f.Y[y*f.YStride:][:width]
		from := s.background[y*2*width+pan:][:width]
		phase := (y*7919 + index*104729) % noisePeriod
		for len(row) > 0 {
			noise := s.noise[phase:]
			n := min(len(noise), len(row))
			for i, v := range from[:n] {
				row[i] = s.sum[int(v)+int(noise[i])+128]
			}
			row, from, phase = row[n:], from[n:], 0
		}
	}
	s.disc(f, index)
}

//go:norace
func (s *Scene) disc(f *capture.Frame, index int) {
	radius := s.size.Height / 6
	cx := index * 5 % s.size.Width
	cy := s.size.Height/2 + int(float64(s.size.Height/4)*math.Sin(float64(index)/20))
	for y := max(cy-radius, 0); y < min(cy+radius, s.size.Height); y++ {
		half := int(math.Sqrt(float64(radius*radius - (y-cy)*(y-cy))))
		row := f.Y[y*f.YStride:]
		for x := max(cx-half, 0); x < min(cx+half, s.size.Width); x++ {
			row[x] = byte(min(int(row[x])+60, 235))
		}
	}
}

//go:norace
func (s *Scene) chroma(f *capture.Frame, index int) {
	for y := range s.size.Height / 2 {
		for x := range s.size.Width / 2 {
			noise := int(s.noise[(y*6007+x+index*5003)%noisePeriod]) / 4
			f.U[y*f.UVStride+x] = byte(96 + (x+index)/16%64 + noise)
			f.V[y*f.UVStride+x] = byte(160 - y/8%64 + noise)
		}
	}
}

// stridedFrame fills the memory beyond each row with white noise's opposite: a
// checkerboard of extremes, so that an encoder that ignores strides shows it.
func stridedFrame(size capture.Size, extra int) *capture.Frame {
	if extra == 0 {
		return capture.NewFrame(size)
	}
	plane := func(stride, rows int) []byte {
		return bytes.Repeat([]byte{0, 255}, (stride*rows+1)/2)[:stride*rows]
	}
	f := capture.NewFrame(size)
	f.YStride, f.UVStride = size.Width+extra, size.Width/2+extra
	f.Y = plane(f.YStride, size.Height)
	f.U = plane(f.UVStride, size.Height/2)
	f.V = plane(f.UVStride, size.Height/2)
	return f
}
