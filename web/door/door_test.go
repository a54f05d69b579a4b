package door

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// quick is a hash that costs a test little.
func quick(t testing.TB, secret string) Hash {
	t.Helper()
	text, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return Hash(text)
}

// newDoor has two persons and a program.
func newDoor(t testing.TB, log *slog.Logger) *Door {
	t.Helper()
	d, err := New(Config{Log: log, Accounts: []Account{
		{Name: "operator", Role: Operator, Hash: quick(t, "right"), Person: true},
		{Name: "viewer", Role: Viewer, Hash: quick(t, "look"), Person: true},
		{Name: "recorder", Role: Viewer, Hash: quick(t, "token")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	home  = Caller{Addr: netip.MustParseAddr("192.168.1.7"), Near: true}
	other = Caller{Addr: netip.MustParseAddr("192.168.1.8"), Near: true}
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, secret string
		want         Role
	}{
		{"operator", "right", Operator},
		{"viewer", "look", Viewer},
		{"recorder", "token", Viewer},
		{"", "right", Operator},
		{"", "look", Viewer},
		{"", "token", Nobody}, // a program says who it is
		{"viewer", "right", Nobody},
		{"operator", "look", Nobody},
		{"operator", "", Nobody},
		{"", "", Nobody},
		{"nobody", "right", Nobody},
		{"operator", "right\x00", Nobody},
		{"operator", "right" + strings.Repeat("x", 100), Nobody},
		{"OPERATOR", "right", Nobody},
	} {
		t.Run(c.name+"/"+c.secret, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDoor(t, nil)
				for range 2 { // hashed, then proven
					v, err := d.Check(t.Context(), home, c.name, c.secret)
					if v.Role != c.want || (err == nil) != (c.want != Nobody) {
						t.Fatalf("got %v, %v; want %v", v, err, c.want)
					}
				}
			})
		})
	}
}

// TestLongSecrets: bcrypt looks at 72 bytes, and what comes after them is not
// just left out.
func TestLongSecrets(t *testing.T) {
	longest := strings.Repeat("x", maxSecret)
	d, err := New(Config{Accounts: []Account{{Name: "a", Role: Viewer, Hash: quick(t, longest)}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Check(t.Context(), home, "a", longest+"y"); err == nil {
		t.Error("a longer one is right too")
	}
	if _, err := d.Check(t.Context(), home, "a", longest); err != nil {
		t.Error(err)
	}
	if _, err := NewHash(longest + "y"); err == nil {
		t.Error("a hash of more than counts")
	}
}

// TestDelayGrows: failures from an address make it wait, and nobody else.
func TestDelayGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		for i := range 12 {
			refusal := refused(t, d, home, "guess")
			if want := waitAfter(i + 1); !refusal.Wrong || refusal.Wait != want {
				t.Fatalf("failure %d: %+v, want to wait %v", i+1, refusal, want)
			}
			if refusal.Wait == 0 {
				continue
			}
			for _, secret := range []string{"guess", "right"} { // nor is the right one looked at
				if early := refused(t, d, home, secret); early.Wrong || early.Wait != refusal.Wait {
					t.Fatalf("too early: %+v", early)
				}
			}
			if _, err := d.Check(t.Context(), other, "", "right"); err != nil {
				t.Fatalf("another address: %v", err)
			}
			time.Sleep(refusal.Wait) //nolint:forbidigo // the bubble's time
		}
		if v, err := d.Check(t.Context(), home, "", "right"); v.Role != Operator {
			t.Errorf("after the wait: %v, %v", v, err)
		}
		// It is not the way to begin anew: who may look could guess the rest.
		if refusal := refused(t, d, home, "guess"); refusal.Wait != waitAfter(13) {
			t.Errorf("after a right one: %+v", refusal)
		}
		time.Sleep(longestWait + memory) //nolint:forbidigo // the bubble's time
		if refusal := refused(t, d, home, "guess"); refusal.Wait != 0 {
			t.Errorf("long after: %+v", refusal)
		}
	})
}

func refused(t *testing.T, d *Door, from Caller, secret string) *Refusal {
	t.Helper()
	_, err := d.Check(t.Context(), from, "", secret)
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("%q: %v, want a refusal", secret, err)
	}
	return refusal
}

func TestNetworks(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.168.1.7", "192.168.1.7", true},
		{"192.168.1.7", "192.168.1.8", false},
		{"::ffff:192.168.1.7", "192.168.1.7", true},
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"fe80::1%eth0", "fe80::1%wlan0", true},
	} {
		if got := Network(netip.MustParseAddr(c.a)) == Network(netip.MustParseAddr(c.b)); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
	_ = Network(netip.Addr{}) // has none, and is no panic
}

// TestLimiterIsBounded: those who guess from ever new addresses push each other
// out, the one who waits longest last.
func TestLimiterIsBounded(t *testing.T) {
	l := limiter{tries: map[netip.Prefix]tries{}}
	now := time.Now()
	for range 20 {
		l.fail(Network(home.Addr), now)
	}
	at := netip.MustParseAddr("10.0.0.0")
	for range 2 * maxAddresses {
		at = at.Next()
		l.fail(Network(at), now)
	}
	if len(l.tries) > maxAddresses {
		t.Errorf("%d addresses", len(l.tries))
	}
	if l.wait(Network(home.Addr), now) != longestWait {
		t.Error("the worst one is forgotten")
	}
	l.fail(Network(at.Next()), now.Add(time.Hour))
	if len(l.tries) != 1 {
		t.Errorf("%d addresses an hour later", len(l.tries))
	}
}

// TestLog: one line for each failure, with nothing in it that opens the door.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		d := newDoor(t, slog.New(slog.NewTextHandler(&out, nil)))
		for _, name := range []string{"operator", "hunter2\nlevel=ERROR"} {
			_, _ = d.Check(t.Context(), home, name, "hunter2")
		}
		_, _ = d.Check(t.Context(), home, "viewer", "look")
		if got := strings.Count(out.String(), "\n"); got != 2 || strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "192.168.1.7") {
			t.Errorf("logged:\n%s", &out)
		}
	})
}

func TestAccountText(t *testing.T) {
	hash := string(quick(t, "x"))
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"recorder:viewer:" + hash, true},
		{"a-b_9:OPERATOR:" + hash, true},
		{"recorder:viewer:$2y" + hash[3:], true}, // htpasswd's
		{"recorder:nobody:" + hash, false},
		{"recorder::" + hash, false},
		{"re.corder:viewer:" + hash, false},
		{":viewer:" + hash, false},
		{"recorder:viewer:hunter2", false},
		{"recorder:viewer:" + hash + "x", false},
		{"recorder:viewer:" + strings.Replace(hash, "$04$", "$31$", 1), false},
		{"recorder:viewer", false},
		{"", false},
	} {
		var a Account
		err := a.UnmarshalText([]byte(c.text))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.text, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("tells the secret: %v", err)
		}
		if err == nil && !strings.EqualFold(a.String(), c.text) {
			t.Errorf("%s became %s", c.text, a)
		}
	}
	if _, err := New(Config{Accounts: []Account{{Name: "a", Hash: quick(t, "x")}, {Name: "a", Hash: quick(t, "y")}}}); err == nil {
		t.Error("two have the same name")
	}
	if _, err := New(Config{Accounts: []Account{{Name: "a", Hash: "secret"}}}); err == nil {
		t.Error("a secret is taken for a hash")
	}
}

func TestNewHash(t *testing.T) {
	hash, err := NewHash("right")
	if err != nil || !hash.matches("right") || hash.matches("wrong") {
		t.Errorf("%s, %v", hash, err)
	}
	if err := new(Hash).UnmarshalText([]byte(hash)); err != nil {
		t.Error(err)
	}
	if _, err := NewHash(""); err == nil {
		t.Error("no password is one")
	}
}

func FuzzAccountText(f *testing.F) {
	f.Add("recorder:viewer:" + string(quick(f, "x")))
	f.Add("a:operator:$2a$31$")
	f.Fuzz(func(t *testing.T, text string) {
		var a Account
		if a.UnmarshalText([]byte(text)) != nil {
			return
		}
		if _, err := New(Config{Accounts: []Account{a}}); err != nil {
			t.Errorf("%q is an account and is not: %v", text, err)
		}
		var again Account
		if err := again.UnmarshalText([]byte(fmt.Sprint(a))); err != nil || again != a {
			t.Errorf("%q became %v, %v", text, again, err)
		}
	})
}
