package v4l2

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
)

// nativeInt64 reads a 64-bit number that need not be aligned.
func nativeInt64(b []byte) int64 { return int64(binary.NativeEndian.Uint64(b)) }

func putNativeInt64(b []byte, v int64) { binary.NativeEndian.PutUint64(b, uint64(v)) }

// text reads a string of the kernel's, which should end with a NUL and be
// UTF-8, and is neither for some drivers.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	printable := func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1 // a terminal may do what it says
		}
		return r
	}
	return strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(string(b), "")))
}
