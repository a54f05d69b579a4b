package v4l2

import "fmt"

// colorPlane is where a plane of color lies in a picture's memory.
type colorPlane struct {
	memory   int // which piece
	offset   int
	stride   int
	rows     int
	rowBytes int // of each row; the last one may end there
}

// end is the least length of the memory.
func (p colorPlane) end() int { return p.offset + p.stride*(p.rows-1) + p.rowBytes }

// layout returns the color planes in the order Y, U, V (or Y, UV), none for
// formats that this package passes on as they are. The kernel's documents of
// the formats say that chroma has the stride of luma when interleaved and half
// of it when not.
func (f Format) layout() ([]colorPlane, error) {
	w, h := f.Width, f.Height
	cw, ch := (w+1)/2, (h+1)/2
	var planes []colorPlane
	switch f.PixelFormat.arrangement() {
	case unknownArrangement:
		return nil, nil
	case packed422:
		planes = []colorPlane{{rows: h, rowBytes: 4 * cw}}
	case lumaOnly:
		planes = []colorPlane{{rows: h, rowBytes: w}}
	case semiPlanar420:
		planes = []colorPlane{{rows: h, rowBytes: w}, {rows: ch, rowBytes: 2 * cw}}
	case planar420:
		planes = []colorPlane{{rows: h, rowBytes: w}, {rows: ch, rowBytes: cw}, {rows: ch, rowBytes: cw}}
	}
	if want := f.pieces(len(planes)); len(f.Memory) != want {
		return nil, fmt.Errorf("driver says %v in %d pieces of memory, want %d", f, len(f.Memory), want)
	}
	if err := f.place(planes); err != nil {
		return nil, err
	}
	if len(planes) == 3 && f.PixelFormat.crFirst() {
		planes[1], planes[2] = planes[2], planes[1]
	}
	for _, p := range planes {
		if size := f.Memory[p.memory].Size; p.end() > size {
			return nil, fmt.Errorf("driver says %v in %d bytes, want at least %d", f, size, p.end())
		}
	}
	return planes, nil
}

func (f Format) pieces(planes int) int {
	if f.PixelFormat.separate() {
		return planes
	}
	return 1
}

// place gives the planes their strides and offsets.
func (f Format) place(planes []colorPlane) error {
	for i := range planes {
		p := &planes[i]
		if f.PixelFormat.separate() {
			p.memory = i
			p.stride = f.Memory[i].Stride
		} else {
			p.stride = f.Memory[0].Stride
			if i > 0 {
				before := planes[i-1]
				p.offset = before.offset + before.stride*before.rows
				if f.PixelFormat.arrangement() == planar420 {
					p.stride = (p.stride + 1) / 2
				}
			}
		}
		if p.stride == 0 {
			p.stride = p.rowBytes // a driver that leaves it out means tight rows
		}
		if p.stride < p.rowBytes || p.stride > maxMemory/p.rows {
			return fmt.Errorf("driver says %v with rows of %d bytes, want at least %d", f, p.stride, p.rowBytes)
		}
	}
	return nil
}
