package wire

import (
	"strconv"
	"strings"

	"github.com/pushcam/pushcam/signal"
)

// decodeCandidate reads the member "candidate". Null there, as in a browser's
// last icecandidate event, is read as the empty candidate.
func decodeCandidate(o *object) signal.Candidate {
	if value, ok := o.members["candidate"]; ok && string(value) == "null" {
		return signal.Candidate{}
	}
	in := o.object("candidate")
	if in.err == nil && !in.has("candidate") {
		in.fail(signal.BadMessage, "candidate: want a string")
	}
	c := signal.Candidate{
		Candidate:        in.optional("candidate", signal.MaxCandidate),
		SDPMid:           in.nullable("sdpMid", signal.MaxID),
		SDPMLineIndex:    in.index("sdpMLineIndex"),
		UsernameFragment: in.nullable("usernameFragment", maxUfrag),
	}
	if in.err == nil && c.Candidate != "" && !validCandidate(c.Candidate) {
		in.fail(signal.BadMessage, "%q: want %q", c.Candidate, candidateGrammar)
	}
	o.adopt(in)
	return c
}

// maxUfrag is in bytes (RFC 8839 section 5.4).
const maxUfrag = 256

const candidateGrammar = "candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE ..."

// validCandidate checks the shape of a candidate attribute (RFC 8839 section
// 5.1). What transport, address and type mean, the session has to know.
func validCandidate(s string) bool {
	if strings.ContainsAny(s, "\r\n\x00") {
		return false
	}
	f := strings.Fields(strings.TrimPrefix(s, "candidate:"))
	return len(f) >= 8 &&
		len(f[0]) <= 32 &&
		inRange(f[1], 1, 256) &&
		inRange(f[3], 0, 1<<32-1) &&
		inRange(f[5], 0, 1<<16-1) &&
		f[6] == "typ"
}

func inRange(s string, low, high uint64) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && low <= n && n <= high
}
