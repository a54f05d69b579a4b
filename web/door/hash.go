package door

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

// Costs of bcrypt: 2^10 rounds are some 50 ms of a PC's core and 200 ms of a
// Raspberry Pi's. More than 2^14 would let a typing error stop all logins.
//
// It is bcrypt and not argon2id because its 4 KiB stay out of the way of the
// pictures, which live in the same caches and memory.
const (
	hashCost    = 10
	maxHashCost = 14
)

// maxSecret is how many bytes bcrypt looks at.
const maxSecret = 72

// Hash is a secret as bcrypt has it ("$2a$10$..."). htpasswd -B makes such too.
type Hash string

// NewHash returns the hash of a secret of 1 to 72 bytes.
func NewHash(secret string) (Hash, error) {
	switch {
	case secret == "":
		return "", errors.New("hash password: it is empty")
	case len(secret) > maxSecret:
		return "", fmt.Errorf("hash password: it has %d bytes, of which only %d would count; choose a shorter one", len(secret), maxSecret)
	}
	text, err := bcrypt.GenerateFromPassword([]byte(secret), hashCost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return Hash(text), nil
}

// UnmarshalText takes what matches can work with. Its errors do not repeat the
// text: it may be a password that somebody wrote in the hash's place.
func (h *Hash) UnmarshalText(text []byte) error {
	const length = 60
	cost, err := bcrypt.Cost(text)
	if err != nil || len(text) != length {
		return errors.New("this is no bcrypt hash: pushcam passwd makes one from a password")
	}
	if cost > maxHashCost {
		return fmt.Errorf("the hash has a cost of %d: want at most %d, each step takes twice as long", cost, maxHashCost)
	}
	*h = Hash(text)
	return nil
}

// matches takes the time of a hash.
func (h Hash) matches(secret string) bool {
	return len(secret) <= maxSecret && bcrypt.CompareHashAndPassword([]byte(h), []byte(secret)) == nil
}

// NewSecret returns 160 random bits as text that needs no quoting anywhere.
func NewSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // it does not fail: crypto/rand ends the program first
	return base64.RawURLEncoding.EncodeToString(b[:])
}
