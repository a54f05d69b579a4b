//go:build unix

package feed

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Command is what a command line writes to its standard output. It runs in a
// shell, from Open to Close, and for all of that time.
type Command struct {
	kit
	line string
}

var _ capture.Camera = (*Command)(nil)

// NewCommand returns the camera that line delivers.
func NewCommand(line string, cfg Config) *Command {
	c := &Command{line: line}
	c.cfg = cfg
	return c
}

// Name implements capture.Camera: the program's name. The rest of the line may
// hold a password, and everybody who looks can see the name.
func (c *Command) Name() string {
	for word := range strings.FieldsSeq(c.line) {
		if !strings.Contains(word, "=") {
			return "command " + filepath.Base(strings.Trim(word, `"'();&`))
		}
	}
	return "command"
}

// simple is a command line that begins with a plain program's name; what comes
// else, only a shell understands.
var simple = regexp.MustCompile(`^\s*([\w./+-]+)(\s+[^\s(]|\s*$)`)

// Check reports that the program is not there, or cannot be run, where the line
// shows which it is. It does not run it. Any goroutine calls it.
func (c *Command) Check() error {
	m := simple.FindStringSubmatch(c.line)
	if m == nil {
		return nil
	}
	_, err := exec.LookPath(m[1])
	if err == nil || !strings.Contains(m[1], "/") && isShellWord(m[1]) {
		return nil
	}
	return fmt.Errorf("check %s: %w", c.Name(), plain(errors.Unwrap(err)))
}

// isShellWord: while, exec, cd and their like.
func isShellWord(word string) bool {
	return exec.Command("/bin/sh", "-c", `command -v "$1"`, "sh", word).Run() == nil //nolint:noctx // ends by itself, at once
}

// Open implements capture.Camera. It starts the command, and returns when what
// it delivers is recognized.
func (c *Command) Open(ctx context.Context) (capture.FrameReader, error) {
	r, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name(), err)
	}
	return r, nil
}

func (c *Command) open(ctx context.Context) (*live, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := startProcess(c.line)
	if err != nil {
		return nil, fmt.Errorf("start /bin/sh: %w", err)
	}
	r := newLive(&c.kit, c.Name(), capture.Mode{})
	known, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		c.deliver(p, r, known)
	}()
	r.end = func() {
		_ = p.end() // asked to; how it did is no error
		<-ended
	}
	limit := time.NewTimer(firstPictureLimit)
	defer limit.Stop()
	select {
	case <-known:
		return r, nil
	case <-ended:
		_, _, err = r.take()
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = fmt.Errorf("nothing came for %v", firstPictureLimit)
		if said := p.said.String(); said != "" {
			err = fmt.Errorf("%w; it says: %s", err, said)
		}
	}
	return nil, errors.Join(err, r.Close())
}

// deliver gives r what p writes, to its end, which it explains. It closes known
// when it is recognized.
func (c *Command) deliver(p *process, r *live, known chan<- struct{}) {
	cut, err := c.begin(p.out)
	if err == nil {
		mode := cut.mode()
		r.mode.Store(&mode)
		close(known)
		err = c.pump(cut, func() *live { return r })
	}
	close(p.cut)
	r.fail(p.explain(err))
}
