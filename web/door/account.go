package door

import (
	"errors"
	"fmt"
	"strings"
)

// Account is somebody who is known.
type Account struct {
	Name string // of letters, digits, - and _
	Role Role
	Hash Hash
	// Person has a password, and need not give a name with it. All others are
	// programs with a token.
	Person bool
}

func (a Account) visitor() Visitor { return Visitor{Name: a.Name, Role: a.Role} }

// maxName is the longest name of an account.
const maxName = 64

// UnmarshalText reads NAME:ROLE:HASH, a program's account.
func (a *Account) UnmarshalText(text []byte) error {
	parts := strings.SplitN(string(text), ":", 3)
	if len(parts) != 3 || !IsName(parts[0]) {
		return errors.New("a token is NAME:ROLE:HASH, its name of letters, digits, - and _: pushcam passwd --token NAME makes one")
	}
	read := Account{Name: parts[0]}
	if err := read.Role.UnmarshalText([]byte(parts[1])); err != nil {
		return fmt.Errorf("token %s: %w", read.Name, err)
	}
	if err := read.Hash.UnmarshalText([]byte(parts[2])); err != nil {
		return fmt.Errorf("token %s: %w", read.Name, err)
	}
	*a = read
	return nil
}

// String is what UnmarshalText reads.
func (a Account) String() string { return a.Name + ":" + a.Role.String() + ":" + string(a.Hash) }

// IsName reports whether an account can have this name: 1 to 64 letters, digits,
// - and _.
func IsName(s string) bool {
	return s != "" && len(s) <= maxName &&
		strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
