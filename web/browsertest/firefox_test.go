//go:build browser && linux

package browsertest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// firefoxBrowser is a running Firefox behind firefox.mjs, which answers one
// request after the other. It is of one test's goroutine.
type firefoxBrowser struct {
	node    *os.Process
	in      io.WriteCloser
	answers *json.Decoder
	folder  string
}

// firefox starts a headless Firefox with a new profile.
func firefox(t *testing.T) browser {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Fatalf("%v: run npm ci --prefix web/browsertest first", err)
	}
	// The script ends Firefox when its input does, so also after a crash here.
	folder := t.TempDir()
	node := exec.Command("node", "firefox.mjs", path, folder)
	errors := &output{}
	node.Stderr = errors
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	b := &firefoxBrowser{node: node.Process, in: in, answers: json.NewDecoder(out), folder: folder}
	t.Cleanup(func() {
		in.Close()
		late := time.AfterFunc(startLimit, b.terminate)
		defer late.Stop()
		if err := node.Wait(); err != nil {
			t.Errorf("firefox.mjs: %v\n%s", err, errors)
		}
	})
	return b
}

// terminate makes the script close Firefox in the middle of whatever it does.
func (b *firefoxBrowser) terminate() { _ = b.node.Signal(syscall.SIGTERM) }

// call sends a request to the script and decodes its answer.
func (b *firefoxBrowser) call(value any, command string, request map[string]any) error {
	late := time.AfterFunc(evaluateLimit, b.terminate)
	defer late.Stop()
	if request == nil {
		request = map[string]any{}
	}
	request["command"] = command
	if err := json.NewEncoder(b.in).Encode(request); err != nil {
		return fmt.Errorf("firefox.mjs: %w", err)
	}
	var answer struct {
		Value json.RawMessage `json:"value"`
		Error string          `json:"error"`
	}
	if err := b.answers.Decode(&answer); err != nil {
		return fmt.Errorf("firefox.mjs: %s: %w", command, err)
	}
	if answer.Error != "" {
		return fmt.Errorf("firefox: %s", answer.Error)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

// tab implements browser.
func (b *firefoxBrowser) tab() (tab, error) {
	t := &firefoxTab{browser: b}
	return t, b.call(&t.number, "tab", map[string]any{"preload": preload()})
}

// downloads implements browser.
func (b *firefoxBrowser) downloads() string { return b.folder }

type firefoxTab struct {
	browser *firefoxBrowser
	number  int
	closed  bool
}

// open implements tab.
func (t *firefoxTab) open(url string) error {
	return t.browser.call(nil, "open", map[string]any{"tab": t.number, "url": url})
}

// evaluate implements tab.
func (t *firefoxTab) evaluate(expression string, value any) error {
	return t.browser.call(value, "evaluate", map[string]any{"tab": t.number, "expression": expression})
}

// press implements tab.
func (t *firefoxTab) press(key string) error {
	return t.browser.call(nil, "press", map[string]any{"tab": t.number, "key": key})
}

// resize implements tab.
func (t *firefoxTab) resize(w window) error {
	return t.browser.call(nil, "resize", map[string]any{
		"tab": t.number, "width": w.width, "height": w.height, "scale": w.scale,
	})
}

// screenshot implements tab.
func (t *firefoxTab) screenshot() (png []byte, err error) {
	err = t.browser.call(&png, "screenshot", map[string]any{"tab": t.number})
	return png, err
}

// close implements tab.
func (t *firefoxTab) close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return t.browser.call(nil, "close", map[string]any{"tab": t.number})
}
