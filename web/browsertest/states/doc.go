// Package states tests what the page says and does in every state, in a real
// browser with a scripted server:
//
//	states_test.go ── steps ──▶ Chromium: the page ◀── server.js, in its place of WebSocket
//
// The media are real, between two peer connections in the same page; only the
// signaling is acted. So states come about that a real server shows rarely:
// silence, a full house, a firewall, an autoplay refusal, a computer's sleep.
//
// TestSheets leaves pictures to look at in .build/screenshots: a sheet for each
// palette, language and window, with all that the page can say.
package states
