// Package wstest holds what tests of WebSocket signaling talk to: a Relay that
// behaves, and misbehaves, like the ones in use, and a Listener in memory, so
// that both ends live in one testing/synctest bubble.
package wstest
