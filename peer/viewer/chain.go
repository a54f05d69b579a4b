package viewer

// maxLayers is how many temporal layers RFC 7741 can tell apart.
const maxLayers = 4

// place is what a packet tells of its picture's place in the stream; the zero
// value is of a stream without layers.
type place struct {
	layered bool // the rest is known
	layer   uint8
	sync    bool  // refers to its base picture only
	base    uint8 // TL0PICIDX: counts the pictures of layer 0
}

// chain knows what can be decoded: of which layers every picture has come since
// the last keyframe. A hole above layer 0 is mended by the next picture of its
// layer that refers to layer 0 only, one in layer 0 by nothing but a keyframe.
// Like libwebrtc it takes each picture to refer to those before it in all layers
// up to its own, unless it says otherwise.
type chain struct {
	whole [maxLayers]bool
	base  uint8 // of the last picture
	gap   bool  // packets are lost after it
}

// lost says that packets are, before the next picture.
func (c *chain) lost() { c.gap = true }

// broken says that only a keyframe can help.
func (c *chain) broken() bool { return !c.whole[0] }

// take says of a complete picture whether it can be decoded.
func (c *chain) take(keyframe bool, p place) bool {
	if keyframe {
		*c = chain{whole: [maxLayers]bool{true}, base: p.base}
		return true
	}
	c.follow(p)
	if !c.whole[0] {
		return false
	}
	if p.sync {
		c.whole[p.layer] = true
		return true
	}
	for _, whole := range c.whole[1 : p.layer+1] {
		if !whole {
			return false
		}
	}
	return true
}

// miss says of a picture that it stays incomplete.
func (c *chain) miss(p place) {
	c.follow(p)
	c.breaks(p.layer)
}

// follow finds out which layers have lost pictures before this one.
func (c *chain) follow(p place) {
	gap, base := c.gap, c.base
	c.gap, c.base = false, p.base
	if !p.layered {
		if gap {
			c.breaks(0)
		}
		return
	}
	if p.layer == 0 {
		base++
	}
	switch {
	case p.base != base:
		c.breaks(0)
	case gap:
		c.breaks(1)
	}
}

// breaks marks this layer and those above it.
func (c *chain) breaks(layer uint8) { clear(c.whole[layer:]) }
