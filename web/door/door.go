package door

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// Config is what a Door is made of. All of it is set once.
type Config struct {
	Accounts []Account
	// Sessions is the file in which those are kept who have logged in, so that
	// a restart logs nobody out. "": they end with the program.
	Sessions string
	Log      *slog.Logger // nil: nothing is logged
}

// Door knows who may. All methods are safe from any goroutine; it owns none.
type Door struct {
	log      *slog.Logger
	accounts []Account
	file     string
	stranger Hash // is hashed against where there is no such account
	key      [sha256.Size]byte
	writing  sync.Mutex // held while the file is written, and taken before mu

	mu       sync.Mutex
	proofs   map[string][]byte // account by name: its right secret's HMAC
	limiter  limiter
	sessions sessions
	keptAt   time.Time // when the file was written
	line     line
}

// Caller is where a secret comes from.
type Caller struct {
	Addr netip.Addr
	// Near: it is on this machine's network, and its turn comes before others'.
	Near bool
}

// Visitor is somebody whom the door has let in.
type Visitor struct {
	Name string // of the account
	Role Role
}

// Refusal is the error of a secret that did not open the door.
type Refusal struct {
	// Wrong: the secret was looked at. Else it was not, and may be right.
	Wrong bool
	// Wait is how long the address has to wait before the next.
	Wait time.Duration
}

// Error implements error.
func (r *Refusal) Error() string {
	what := "too many attempts"
	if r.Wrong {
		what = "wrong name or password"
	}
	if r.Wait > 0 {
		what += fmt.Sprintf(", wait %v", r.Wait.Round(time.Second))
	}
	return what
}

// New returns a Door for these accounts. Their names have to differ.
func New(c Config) (*Door, error) {
	d := &Door{
		log: c.Log, accounts: c.Accounts, file: c.Sessions, proofs: map[string][]byte{},
		limiter: limiter{tries: map[netip.Prefix]tries{}}, sessions: sessions{of: map[sessionID]*session{}},
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	_, _ = rand.Read(d.key[:]) // it does not fail
	seen := map[string]bool{}
	for _, a := range c.Accounts {
		var hash Hash
		if err := hash.UnmarshalText([]byte(a.Hash)); err != nil {
			return nil, fmt.Errorf("account %s: %w", a.Name, err)
		}
		if !IsName(a.Name) || seen[a.Name] {
			return nil, fmt.Errorf("account %q: want a name that no other has, of letters, digits, - and _", a.Name)
		}
		seen[a.Name] = true
		d.stranger = a.Hash
	}
	if d.file != "" {
		d.restore()
	}
	return d, nil
}

// Empty reports whether there is nobody who could come in.
func (d *Door) Empty() bool { return len(d.accounts) == 0 }

// Check finds the account with this name and secret; without a name, the person
// with this secret. The error is a *Refusal, or ctx's. It waits its turn, for
// longestTurn at most.
func (d *Door) Check(ctx context.Context, from Caller, name, secret string) (Visitor, error) {
	address := Network(from.Addr)
	accounts := d.named(name)
	if v, err := d.known(address, accounts, secret); v.Role != Nobody || err != nil {
		return v, err
	}
	if err := d.enqueue(ctx, address, from.Near); err != nil {
		return Visitor{}, err
	}
	rest := time.Duration(0)
	defer func() { d.endTurn(rest) }()
	// Others of this address, or with this secret, may have been first.
	if v, err := d.known(address, accounts, secret); v.Role != Nobody || err != nil {
		return v, err
	}
	began := time.Now()
	account, ok := d.hash(accounts, secret)
	if ok {
		d.prove(account.Name, secret)
		return account.visitor(), nil
	}
	rest = restFactor * time.Since(began)
	refusal := d.fail(address)
	who := name
	if len(accounts) == 0 {
		who = "" // people type passwords there
	}
	d.log.Warn("login failed", "from", from.Addr, "name", who, "wait", refusal.Wait)
	return Visitor{}, refusal
}

// prove remembers that the secret was right.
func (d *Door) prove(name, secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proofs[name] = d.proof(name, secret)
}

// fail counts a wrong secret.
func (d *Door) fail(from netip.Prefix) *Refusal {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Refusal{Wrong: true, Wait: d.limiter.fail(from, time.Now())}
}

// named are the accounts that a secret may be of.
func (d *Door) named(name string) (found []Account) {
	for _, a := range d.accounts {
		if a.Name == name || name == "" && a.Person {
			found = append(found, a)
		}
	}
	return found
}

// known answers without a hash: the address has to wait, or the secret has been
// right before.
func (d *Door) known(from netip.Prefix, accounts []Account, secret string) (Visitor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wait := d.limiter.wait(from, time.Now()); wait > 0 {
		return Visitor{}, &Refusal{Wait: wait}
	}
	for _, a := range accounts {
		if proof := d.proofs[a.Name]; proof != nil && hmac.Equal(proof, d.proof(a.Name, secret)) {
			return a.visitor(), nil
		}
	}
	return Visitor{}, nil
}

// proof is what of a secret may be kept: this process's key is in it.
func (d *Door) proof(name, secret string) []byte {
	mac := hmac.New(sha256.New, d.key[:])
	mac.Write([]byte(name + "\x00" + secret))
	return mac.Sum(nil)
}

// hash takes about as long for names that nobody has.
func (d *Door) hash(accounts []Account, secret string) (Account, bool) {
	if len(accounts) == 0 && d.stranger != "" {
		_ = d.stranger.matches(secret) // for the time only
	}
	for _, a := range accounts {
		if a.Hash.matches(secret) {
			return a, true
		}
	}
	return Account{}, false
}

// Enter begins a session, and ends the one with the old id: an id that somebody
// put into a browser before is never one that is logged in.
func (d *Door) Enter(v Visitor, old string) (id string) {
	defer d.keep()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions.remove(hashID(old))
	return d.sessions.add(v, time.Now())
}

// Session is whose session has this id.
func (d *Door) Session(id string) (Visitor, bool) {
	now := time.Now()
	d.mu.Lock()
	s := d.sessions.use(hashID(id), now)
	stale := s != nil && now.Sub(d.keptAt) > keepEvery
	d.mu.Unlock()
	if s == nil {
		return Visitor{}, false
	}
	if stale {
		d.keep()
	}
	return s.visitor, true
}

// Hold makes a request part of the session with this id, if there is one: the
// context that it returns ends with the session, for ErrOver. release has to be
// called when the request has ended.
func (d *Door) Hold(ctx context.Context, id string) (_ context.Context, release func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sessions.use(hashID(id), time.Now())
	if s == nil {
		return ctx, func() {}, false
	}
	ctx, done := s.hold(ctx)
	return ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		done(time.Now())
	}, true
}

// Leave ends the session with this id, if there is one, and the requests that
// are part of it.
func (d *Door) Leave(id string) {
	d.mu.Lock()
	left := d.sessions.remove(hashID(id))
	d.mu.Unlock()
	if left { // strangers do not make us write
		d.keep()
	}
}
