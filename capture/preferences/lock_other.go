//go:build !unix

package preferences

import (
	"context"
	"time"
)

// openNonblocking is for systems with FIFOs.
const openNonblocking = 0

// lock does nothing: this system has no locks that end with their process, and
// no camera controls either.
func lock(context.Context, string, time.Duration) (unlock func(), err error) { return func() {}, nil }

// syncFolder does nothing: folders cannot be synced here.
func syncFolder(string) error { return nil }
