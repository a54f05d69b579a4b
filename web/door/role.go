package door

import (
	"fmt"
	"strings"
)

// Role is what somebody may do. A greater one may all that a lesser one may.
type Role int

// The roles.
const (
	Nobody   Role = iota // sees that there is a pushcam, and can log in
	Viewer               // sees the camera
	Operator             // also changes it
)

// String is the name that configurations use.
func (r Role) String() string {
	switch r {
	case Nobody:
		return "nobody"
	case Viewer:
		return "viewer"
	case Operator:
		return "operator"
	}
	return fmt.Sprintf("role %d", int(r))
}

// UnmarshalText reads the name of a role that an account can have.
func (r *Role) UnmarshalText(text []byte) error {
	for _, role := range []Role{Viewer, Operator} {
		if strings.EqualFold(string(text), role.String()) {
			*r = role
			return nil
		}
	}
	return fmt.Errorf("role %q: want viewer or operator", text)
}
