// Package signaltest holds what tests of signaling talk to: Sessions that open
// scripted sessions and know how many are open, States that a test sets, and an
// Outlet that records. All of it may be used from any goroutine, and inside a
// testing/synctest bubble.
package signaltest
