// Package wire is the JSON of signaling: one object in one text message, to
// and from the message types of package signal. It is pure: text in, value
// out.
//
//	{"type":"pull_start","id":"1718000000000io42"}  ⇄  signal.PullStart{ID: ...}
//
// It is strict about what it knows (types, ranges, lengths, exact and unique
// names of members, UTF-8), and ignores members that it does not know: old
// viewers send some. testdata has one file for each type of message.
package wire
