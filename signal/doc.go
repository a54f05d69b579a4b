// Package signal is how a viewer and the Session that sends to it find each
// other: the messages, who may say what, and how much of it. It is pure Go
// and knows no socket, no JSON and no WebRTC.
//
//	viewer's page ── WebSocket ──▶ Conversation ──▶ call ──▶ Session
//	viewer's page ── WebSocket ──▶ Conversation ──▶ call ──▶ Session
//	relay ───────── WebSocket ──▶ Conversation ─┬▶ call ──▶ Session
//	  (many viewers on one connection)          └▶ call ──▶ Session
//	                                     │
//	                                 Exchange: which ids are taken
//
// A viewer names itself by an id (pull_init), asks for pictures (pull_start),
// gets an offer, which has all our candidates in it, and answers it. Its own
// candidates it sends as it finds them.
// From pull_start on it also gets the camera's state at each change, and, if it
// asks (stats), how it is served, every second. It may choose a rendition
// (quality), and when it has lost its path, have the offer made anew (restart).
//
// Leaf packages do the rest: wire is the JSON, ws the WebSockets, signaltest
// the fakes for tests.
//
// Invariants:
//
//   - An id belongs to the connection that used it first, until its session
//     has ended, it says bye, or the connection closes. Nobody else can answer
//     for it or listen to it. (An id that was announced and never started may
//     give way to a newer one of the same connection.)
//   - A viewer has one session at most: pull_start during one ends it, and
//     waits until it has, before it opens the next.
//   - Nothing a viewer sends, and no session that is slow to open, to answer
//     or to close, holds up another viewer, be it on the same connection.
//   - Every queue is bounded, and sending never waits.
//   - Nothing is sent for an id before it was asked for: no stats either.
//
// An answer names its viewer, not the offer: a viewer that starts again while
// an offer may be on its way uses a new id, or its answer to the old one could
// be taken for an answer to the new.
//
// # Errors
//
// A viewer is told what went wrong by an error message with one of these
// codes. The ones marked * are the sender's own doing: when they repeat
// (Limits.Strikes), a viewer's connection is closed with WebSocket status 1008.
//
//	bad-message*       not a message, a field is wrong, or it makes no sense now
//	unknown-type*      no message has this type
//	too-long*          the message, or a part of it, is longer than any should be
//	too-many*          more messages, ids or candidates than one connection may use
//	not-yours*         the id belongs to another connection
//	full               as many viewers are watching as the server allows
//	no-codec           the viewer can decode nothing that the server encodes
//	no-such-rendition  quality asked for one that does not exist
//	gone               the session is no more: pull_start begins another
//	internal           the server failed; its log says why
package signal
