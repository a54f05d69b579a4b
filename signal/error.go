package signal

import (
	"errors"
	"fmt"
	"strings"
)

// Error is an error that a viewer is told about; it is also the message that
// tells it. It is not changed once made.
type Error struct {
	Code    Code
	Message string // for people, one line
	// ID is the viewer it concerns, empty when that is not known or when it
	// is the connection as a whole.
	ID string
}

// maxErrorMessage bounds Error.Message, in bytes, as it may quote what
// somebody sent.
const maxErrorMessage = 300

// Errorf returns an Error that concerns no viewer in particular.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: truncate(fmt.Sprintf(format, args...))}
}

// Error returns "code: message".
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// For returns e, concerning this viewer.
func (e *Error) For(id string) *Error {
	return &Error{Code: e.Code, Message: e.Message, ID: id}
}

// refusalOf returns the *Error within a session's refusal of what a viewer
// sent, or a BadMessage that says what err says.
func refusalOf(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Errorf(BadMessage, "%v", err)
}

func truncate(s string) string {
	if len(s) <= maxErrorMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxErrorMessage], "") + "..."
}
