package whep

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pushcam/pushcam/signal"
)

// credentials are an ICE agent's user name and password for one ICE session.
type credentials struct{ user, password string }

// fragment is what an SDP fragment (RFC 8840 section 9) says of ICE, or a whole
// description, which says it in the same lines.
type fragment struct {
	credentials []credentials // distinct, in their order; a password may be missing
	candidates  []signal.Candidate
}

// parseFragment reads a fragment. Lines that have nothing to do with ICE are
// skipped, as everything that ICE knows may stand there one day.
func parseFragment(text string) (fragment, error) {
	var r fragmentReader
	for i, line := range lines(text) {
		if len(line) < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' {
			return fragment{}, fmt.Errorf("line %d is not of the form a=value", i+1)
		}
		if err := r.take(line); err != nil {
			return fragment{}, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	r.endSection()
	if len(r.credentials) == 0 && len(r.candidates) == 0 && !r.ended {
		return fragment{}, errors.New("it says nothing of ICE")
	}
	return r.fragment, nil
}

// credentialsOf lists those of a description, whose syntax others check.
func credentialsOf(description string) []credentials {
	var r fragmentReader
	for _, line := range lines(description) {
		if !strings.HasPrefix(line, "a=candidate:") {
			_ = r.take(line) // bad ones match nothing
		}
	}
	r.endSection()
	return r.credentials
}

// lines splits at CRLF, or LF where somebody wrote that, without the last end.
func lines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// fragmentReader reads line after line.
type fragmentReader struct {
	fragment
	section int         // how many m= lines there were
	mid     *string     // of the section
	now     credentials // of the section, or before the first of the whole
	ended   bool        // a=end-of-candidates
}

func (r *fragmentReader) take(line string) (err error) {
	if strings.HasPrefix(line, "m=") {
		r.endSection()
		r.section++
		r.mid = nil
		return nil
	}
	name, value, _ := strings.Cut(strings.TrimPrefix(line, "a="), ":")
	switch name {
	case "mid":
		r.mid = &value
	case "ice-ufrag":
		r.now.user, err = value, checkICEChars(value, 4)
	case "ice-pwd":
		r.now.password, err = value, checkICEChars(value, 22)
	case "candidate":
		if err = checkCandidate(value); err == nil {
			r.candidates = append(r.candidates, r.candidate(value))
		}
	case "end-of-candidates":
		r.ended = true
	}
	return err
}

func (r *fragmentReader) candidate(value string) signal.Candidate {
	index := uint16(max(r.section-1, 0)) // a body has fewer lines than that holds
	return signal.Candidate{Candidate: "candidate:" + value, SDPMid: r.mid, SDPMLineIndex: &index}
}

// endSection keeps a section's credentials.
func (r *fragmentReader) endSection() {
	defer func() { r.now = credentials{} }()
	if r.now.user == "" {
		return
	}
	for i, c := range r.credentials {
		if c.user == r.now.user {
			if c.password == "" {
				r.credentials[i].password = r.now.password
			}
			return
		}
	}
	r.credentials = append(r.credentials, r.now)
}

// checkICEChars holds a user name or password to RFC 8839 section 5.4: letters,
// digits, + and /, so many at least and 256 at most.
func checkICEChars(s string, least int) error {
	if len(s) < least || len(s) > 256 {
		return fmt.Errorf("want %d to 256 characters", least)
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/':
		default:
			return fmt.Errorf("%q is none of letters, digits, + and /", c)
		}
	}
	return nil
}

// checkCandidate holds a candidate to the form of RFC 8839 section 5.1. Whether
// we can do with its transport and address is another question.
func checkCandidate(value string) error {
	fields := strings.Fields(value)
	if len(value) > signal.MaxCandidate || len(fields) < 8 || fields[6] != "typ" {
		return errors.New(`want "candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE"`)
	}
	return nil
}

// fragmentOf is what an answer says of ICE, as the answer to an ICE restart.
func fragmentOf(answer string) string {
	var session, section []string
	for _, line := range lines(answer) {
		if strings.HasPrefix(line, "m=") {
			if hasCredentials(section) {
				break // of a bundle the first says it all
			}
			section = []string{line}
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "a="), ":")
		switch name {
		case "ice-lite", "group", "ice-options":
			if section == nil {
				session = append(session, line)
			}
		case "mid", "ice-ufrag", "ice-pwd", "candidate", "end-of-candidates":
			if section != nil {
				section = append(section, line)
			}
		}
	}
	return strings.Join(append(session, section...), "\r\n") + "\r\n"
}

func hasCredentials(section []string) bool {
	for _, line := range section {
		if strings.HasPrefix(line, "a=ice-ufrag:") {
			return true
		}
	}
	return false
}

// withFragment is a description after an ICE restart, that of who sent the
// fragment: the credentials are replaced, and so are the candidates.
func withFragment(description string, f fragment) string {
	var out []string
	for _, line := range lines(description) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "a="), ":")
		switch name {
		case "ice-ufrag":
			out = append(out, "a=ice-ufrag:"+f.credentials[0].user)
		case "ice-pwd":
			out = append(out, "a=ice-pwd:"+f.credentials[0].password)
		case "mid":
			out = append(out, line)
			for _, c := range f.candidates {
				out = append(out, "a="+c.Candidate)
			}
		case "candidate", "end-of-candidates":
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\r\n") + "\r\n"
}
