package feed

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

const (
	// tailSize is how much of what a command complains is kept, tailLines and
	// tailLength how much of that is told.
	tailSize   = 4096
	tailLines  = 2
	tailLength = 300
)

// credentials are what stands before the @ of a URL.
var credentials = regexp.MustCompile(`://[^/@\s]*@`)

// tail keeps the end of what is written to it. Any goroutine may use it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

var _ io.Writer = (*tail)(nil)

// Write implements io.Writer. It never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p[max(0, len(p)-tailSize):]...)
	if over := len(t.buf) - tailSize; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

// String is the last lines as one, fit to be shown to whoever looks at the
// page: without control characters and passwords in URLs.
func (t *tail) String() string {
	t.mu.Lock()
	text := string(bytes.ToValidUTF8(t.buf, nil))
	t.mu.Unlock()
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return ' '
		}, line))
		if line != "" {
			lines = append(lines, line)
		}
	}
	lines = lines[max(0, len(lines)-tailLines):]
	said := credentials.ReplaceAllString(strings.Join(lines, "; "), "://***@")
	if r := []rune(said); len(r) > tailLength {
		said = "..." + string(r[len(r)-tailLength:])
	}
	return said
}
