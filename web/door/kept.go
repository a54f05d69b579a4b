package door

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pushcam/pushcam/web/statefile"
)

const (
	keptVersion = 1
	// maxKept is more than maxSessions take.
	maxKept = 512 << 10
	// keepEvery is how far behind the file may be in when sessions were used.
	keepEvery = 24 * time.Hour
)

// kept is the file of sessions.
type kept struct {
	Version  int           `json:"version"`
	Sessions []keptSession `json:"sessions"`
}

// keptSession is a session as the file has it: nobody can come in by it.
type keptSession struct {
	ID      []byte `json:"id"` // its hash
	Account string `json:"account"`
	// Secret is the hash of the account's hash: with another password, the
	// session is over.
	Secret []byte    `json:"secret"`
	Used   time.Time `json:"used"`
	Ends   time.Time `json:"ends"`
}

// restore reads the sessions of the program's last run. None that are there are
// no error; others are logged, as everybody can log in again.
func (d *Door) restore() {
	text, err := statefile.Read(d.file, maxKept)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var read kept
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err == nil && read.Version != keptVersion {
		err = fmt.Errorf("it is of version %d, want %d", read.Version, keptVersion)
	}
	if err != nil {
		d.log.Warn("sessions are lost: everybody has to log in again", "file", d.file, "err", err)
		return
	}
	now := time.Now()
	for _, s := range read.Sessions[:min(len(read.Sessions), maxSessions)] {
		if account, ok := d.accountOf(s); ok && len(s.ID) == len(sessionID{}) {
			entry := &session{visitor: account.visitor(), used: s.Used, ends: s.Ends}
			// Not over by a clock that may be late until it has asked the network.
			if !entry.over(now) {
				d.sessions.of[sessionID(s.ID)] = entry
			}
		}
	}
}

// accountOf is whose session it is, if the password is still the same.
func (d *Door) accountOf(s keptSession) (Account, bool) {
	for _, a := range d.accounts {
		if a.Name == s.Account && string(s.Secret) == string(a.Hash.hashed()) {
			return a, true
		}
	}
	return Account{}, false
}

// hashed tells hashes apart.
func (h Hash) hashed() []byte {
	sum := sha256.Sum256([]byte(h))
	return sum[:]
}

// keep writes the sessions. A file that cannot be written is no reason to let
// nobody in.
func (d *Door) keep() {
	if d.file == "" {
		return
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.write(); err != nil {
		d.log.Warn("sessions are not kept: after a restart everybody has to log in again", "file", d.file, "err", err)
	}
}

func (d *Door) write() error {
	now := time.Now()
	list := kept{Version: keptVersion, Sessions: []keptSession{}}
	secrets := map[string][]byte{}
	for _, a := range d.accounts {
		secrets[a.Name] = a.Hash.hashed()
	}
	d.mu.Lock()
	d.keptAt = now
	for id, s := range d.sessions.of {
		if !s.over(now) {
			list.Sessions = append(list.Sessions, keptSession{
				ID: id[:], Account: s.visitor.Name, Secret: secrets[s.visitor.Name], Used: s.used, Ends: s.ends,
			})
		}
	}
	d.mu.Unlock()
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return statefile.Write(d.file, append(text, '\n'))
}
