package signal

// Code says what kind of error a viewer is told about. It is a closed set,
// and part of the protocol: doc.go describes every one. The zero value is no
// code at all.
type Code string

// The codes, in the order of Codes.
const (
	BadMessage      Code = "bad-message"
	UnknownType     Code = "unknown-type"
	TooLong         Code = "too-long"
	TooMany         Code = "too-many"
	NotYours        Code = "not-yours"
	Full            Code = "full"
	NoCodec         Code = "no-codec"
	NoSuchRendition Code = "no-such-rendition"
	Gone            Code = "gone"
	Internal        Code = "internal"
)

// Codes lists every Code.
func Codes() []Code {
	return []Code{
		BadMessage, UnknownType, TooLong, TooMany, NotYours,
		Full, NoCodec, NoSuchRendition, Gone, Internal,
	}
}

// strike tells whether the code is the sender's own doing. Such errors are
// what closes a connection when they repeat.
func (c Code) strike() bool {
	switch c {
	case BadMessage, UnknownType, TooLong, TooMany, NotYours:
		return true
	case Full, NoCodec, NoSuchRendition, Gone, Internal:
		return false
	}
	return false
}
