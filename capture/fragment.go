package capture

import "sync"

// Fragment is the part of an AccessUnit that fits one packet: Header, made
// when it was cut, and Payload, which shares the AccessUnit's memory.
type Fragment struct {
	Header  [FragmentHeaderSize]byte
	HeaderN int // bytes of Header in use
	Payload []byte
}

// FragmentHeaderSize is room for the longest header that a cutter prepends
// for all viewers alike (H.264's FU-A: two bytes, RFC 6184 section 5.8).
const FragmentHeaderSize = 2

type fragmentsOnce struct {
	once      sync.Once
	fragments []Fragment
}

// Fragments returns what cut makes of the AccessUnit. Only the first call
// cuts: one picture is cut once, however many viewers it goes to, so every
// caller has to pass the same function.
func (au *AccessUnit) Fragments(cut func(*AccessUnit) []Fragment) []Fragment {
	au.cut.once.Do(func() { au.cut.fragments = cut(au) })
	return au.cut.fragments
}
