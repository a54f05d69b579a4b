package door

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		v := Visitor{"viewer", Viewer}
		first := d.Enter(v, "an id that somebody planted")
		if _, ok := d.Session("an id that somebody planted"); ok {
			t.Error("a planted id is a session")
		}
		second := d.Enter(Visitor{"operator", Operator}, first)
		if _, ok := d.Session(first); ok || first == second {
			t.Error("the old id lives on after a login")
		}
		if got, ok := d.Session(second); !ok || got.Role != Operator {
			t.Errorf("got %v, %v", got, ok)
		}
		d.Leave(second)
		if _, ok := d.Session(second); ok {
			t.Error("it is there after leaving")
		}
		idle, busy := d.Enter(v, ""), d.Enter(v, "")
		for since := time.Duration(0); since < SessionLife; since += sessionIdle / 2 {
			if _, ok := d.Session(busy); !ok {
				t.Fatalf("a session in use is over after %v", since)
			}
			time.Sleep(sessionIdle / 2) //nolint:forbidigo // the bubble's time
		}
		time.Sleep(time.Hour * 24 * 3) //nolint:forbidigo // the bubble's time
		for _, id := range []string{idle, busy, "", "nonsense"} {
			if _, ok := d.Session(id); ok {
				t.Errorf("session %q never ends", id)
			}
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		used := d.Enter(Visitor{"viewer", Viewer}, "")
		var last string
		for range 2 * maxSessions {
			time.Sleep(time.Second) //nolint:forbidigo // the bubble's time
			last = d.Enter(Visitor{"viewer", Viewer}, "")
			if _, ok := d.Session(used); !ok {
				t.Fatal("one in use had to go")
			}
		}
		if _, ok := d.Session(last); !ok || len(d.sessions.of) > maxSessions {
			t.Errorf("newest %v, %d sessions", ok, len(d.sessions.of))
		}
	})
}

// TestHold: what runs by a session keeps it in use, and ends with it.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		v := Visitor{"viewer", Viewer}
		if _, _, ok := d.Hold(t.Context(), "no session"); ok {
			t.Error("held without a session")
		}
		for name, end := range map[string]func(id string){
			"left":      d.Leave,
			"new login": func(id string) { d.Enter(v, id) },
			"too many": func(string) {
				for range maxSessions {
					d.Enter(v, "")
				}
			},
			"too old": func(string) { time.Sleep(SessionLife) }, //nolint:forbidigo // the bubble's time
		} {
			id := d.Enter(v, "")
			ctx, release, ok := d.Hold(t.Context(), id)
			time.Sleep(time.Second) //nolint:forbidigo // the bubble's time
			if !ok || ctx.Err() != nil {
				t.Fatalf("%s: %v, %v", name, ok, ctx.Err())
			}
			end(id)
			synctest.Wait()
			if cause := context.Cause(ctx); !errors.Is(cause, ErrOver) {
				t.Errorf("%s: it goes on, %v", name, cause)
			}
			release()
		}
		id := d.Enter(v, "")
		ctx, release, _ := d.Hold(t.Context(), id)
		time.Sleep(2 * sessionIdle) //nolint:forbidigo // the bubble's time
		if _, ok := d.Session(id); !ok || ctx.Err() != nil {
			t.Error("a session that is looked at counts as idle")
		}
		release()
		if d.Leave(id); ctx.Err() == nil {
			t.Error("its context lives on")
		}
	})
}

// sessionFile is a door whose sessions are in a file.
func sessionFile(t *testing.T, path string, log *bytes.Buffer, accounts ...Account) *Door {
	t.Helper()
	d, err := New(Config{Accounts: accounts, Sessions: path, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSessionsOutliveTheProgram, and neither a logout nor a new password.
func TestSessionsOutliveTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state", "sessions.json")
		operator := Account{Name: "operator", Role: Operator, Hash: quick(t, "right"), Person: true}
		viewer := Account{Name: "viewer", Role: Viewer, Hash: quick(t, "look"), Person: true}
		var log bytes.Buffer
		d := sessionFile(t, path, &log, operator, viewer)
		if _, err := os.Stat(path); err == nil {
			t.Error("nobody has logged in, and it is written")
		}
		boss, guest, gone := d.Enter(operator.visitor(), ""), d.Enter(viewer.visitor(), ""), d.Enter(viewer.visitor(), "")
		d.Leave(gone)
		text, err := os.ReadFile(path)
		if err != nil || slices.ContainsFunc([]string{boss, guest, string(viewer.Hash)}, func(secret string) bool { return bytes.Contains(text, []byte(secret)) }) {
			t.Errorf("%v, or a secret is in the file: %s", err, text)
		}
		d = sessionFile(t, path, &log, operator, viewer)
		for id, want := range map[string]Visitor{boss: operator.visitor(), guest: viewer.visitor(), gone: {}} {
			if got, _ := d.Session(id); got != want {
				t.Errorf("after a restart: %v, want %v", got, want)
			}
		}
		// Used each day, one lasts on over restarts; the other does not.
		for range 8 {
			time.Sleep(keepEvery + time.Hour) //nolint:forbidigo // the bubble's time
			if _, ok := d.Session(boss); !ok {
				t.Fatal("a session in use is over")
			}
			d = sessionFile(t, path, &log, operator, viewer)
		}
		if _, ok := d.Session(guest); ok {
			t.Error("an idle session lives for ever")
		}
		guest = d.Enter(viewer.visitor(), "")
		viewer.Hash = quick(t, "look") // the same word, salted anew: somebody has meant it
		d = sessionFile(t, path, &log, operator, viewer)
		if _, ok := d.Session(guest); ok {
			t.Error("a session outlives its password")
		}
		d = sessionFile(t, path, &log, viewer)
		if _, ok := d.Session(boss); ok {
			t.Error("a session outlives its account")
		}
		if log.Len() > 0 {
			t.Errorf("logged:\n%s", &log)
		}
	})
}

// TestSessionFileMends: one that cannot be read or written is told of, and keeps
// nobody out.
func TestSessionFileMends(t *testing.T) {
	viewer := Account{Name: "viewer", Role: Viewer, Hash: quick(t, "look"), Person: true}
	for _, text := range []string{"", "{", `{"version":2}`, `{"version":1,"sessions":[{"id":"AAAA","ends":7}]}`, strings.Repeat(" ", maxKept+1)} {
		path := filepath.Join(t.TempDir(), "sessions.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		d := sessionFile(t, path, &log, viewer)
		id := d.Enter(viewer.visitor(), "")
		if _, ok := sessionFile(t, path, &log, viewer).Session(id); !ok || strings.Count(log.String(), "sessions are lost") != 1 {
			t.Errorf("%.20q: kept %v, logged:\n%s", text, ok, &log)
		}
	}
	var log bytes.Buffer
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := sessionFile(t, filepath.Join(file, "below"), &log, viewer)
	if _, ok := d.Session(d.Enter(viewer.visitor(), "")); !ok || !strings.Contains(log.String(), "not kept") {
		t.Errorf("%v, logged:\n%s", ok, &log)
	}
	before := log.Len()
	if d.Leave("a stranger's guess"); log.Len() != before {
		t.Error("strangers make it write")
	}
}

func FuzzSessionFile(f *testing.F) {
	viewer := Account{Name: "viewer", Role: Viewer, Hash: quick(f, "look"), Person: true}
	id, now := hashID("id"), time.Now()
	seed := kept{Version: keptVersion, Sessions: []keptSession{{ID: id[:], Account: "viewer", Secret: viewer.Hash.hashed(), Used: now, Ends: now.Add(time.Hour)}}}
	text, err := json.Marshal(seed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"sessions":[{"id":"AA==","account":"viewer"}]}`))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(folder, fmt.Sprint(len(text)))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		d := sessionFile(t, path, &log, viewer)
		for _, s := range d.sessions.of {
			if s.visitor != viewer.visitor() {
				t.Errorf("%q is a session of %v", text, s.visitor)
			}
		}
	})
}
