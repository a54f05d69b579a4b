//go:build lab

package lab

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// remote is a machine that runs while the test does, and is told what to do by it:
// port 1990 of the machine is here at url.
type remote struct {
	t       *testing.T
	url     string
	console io.Writer
	lines   <-chan string // of the console; closed at its end
}

// remoteScript runs lines of the console as they come, in a shell with m.script's
// words.
const remoteScript = `
stty -echo
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
echo 'LAB told 0'
while read -r line; do
	eval "$line" </dev/null
	echo "LAB told $?"
done
`

// remote starts the machine, and ends it when the test ends.
func (m machine) remote(t *testing.T) *remote {
	t.Helper()
	m.script += remoteScript
	m.camera.after = append(m.camera.after, "e1000")
	kernel, image := m.build(t)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), m.limit)
	monitor := filepath.Join(t.TempDir(), "monitor")
	qemu := m.qemu(ctx, kernel, image, "-monitor", "unix:"+monitor+",server,wait=off",
		"-netdev", "user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:0-:1990", "-device", "e1000,netdev=lan,romfile=")
	console, err := qemu.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	input, err := qemu.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := qemu.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	read := make(chan struct{})
	t.Cleanup(func() { // nothing in it outlives it
		cancel()
		for range lines { // what nobody asked for
		}
		<-read
		_ = qemu.Wait() // killed, as it should be
	})
	go func() {
		defer close(read)
		defer close(lines)
		for scanner := bufio.NewScanner(console); scanner.Scan(); {
			lines <- strings.TrimRight(scanner.Text(), "\r")
		}
	}()
	r := &remote{t: t, console: input, lines: lines}
	r.answer("start")
	r.url = "http://127.0.0.1:" + forwarded(t, monitor)
	return r
}

// forwarded asks qemu which port it took.
func forwarded(t *testing.T, monitor string) string {
	t.Helper()
	conn, err := net.Dial("unix", monitor)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "info usernet\n"); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)`)
	for scanner := bufio.NewScanner(conn); scanner.Scan(); {
		if found := line.FindStringSubmatch(scanner.Text()); found != nil {
			return found[1]
		}
	}
	t.Fatal("qemu does not say which port it forwards")
	return ""
}

// tell runs a line in the machine's shell, which has to end with 0, and returns
// what it prints.
func (r *remote) tell(line string) string {
	r.t.Helper()
	if _, err := fmt.Fprintln(r.console, line); err != nil {
		r.t.Fatal(err)
	}
	return r.answer(line)
}

func (r *remote) answer(to string) string {
	r.t.Helper()
	var said []string
	for line := range r.lines {
		r.t.Log(time.Now().Format("04:05.0"), line)
		status, ended := strings.CutPrefix(line, "LAB told ")
		switch {
		case strings.HasPrefix(line, "LAB FAIL"):
			r.t.Error(line)
		case ended && status != "0":
			r.t.Fatalf("%s: ended with status %s", to, status)
		case ended:
			return strings.Join(said, "\n")
		default:
			said = append(said, line)
		}
	}
	r.t.Fatalf("%s: the machine ended", to)
	return ""
}
