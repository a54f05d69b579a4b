// Package ws carries signaling over WebSockets, one JSON object (package wire)
// in each text message. It is the only package that knows gorilla/websocket.
//
//	Handler  the built-in endpoint: each viewer's page connects to it
//	Relay    dials an existing relay as its pusher; all viewers come through
//	         that one connection
//	Client   a viewer without a browser: the other end of Handler, or of a relay
//
// A Handler's connection is two goroutines: the HTTP handler's reads, and
// passes on to the signal.Conversation; the connection's own writes. They
// share a bounded queue:
//
//	socket ─▶ reader ─▶ Conversation ─▶ calls ─▶ queue ─▶ writer ─▶ socket
//
// A viewer whose URL has an id, "ws?pull=ID", has said pull_start with it: the
// offer does not wait for a message that could come no earlier.
//
// Invariants:
//
//   - Sending never waits. A connection whose queue is full, as its other end
//     does not read, is closed.
//   - The other end is pinged; when nothing comes back, it is taken for gone.
//   - Whoever closes a connection first lets out what is queued, for a short
//     while only: the reason for the closing is among it.
//   - What the other end did wrong is answered, and ends no other connection.
//
// WebSocket status codes used: 1001 the program ends, 1008 too much bad input
// or a viewer that does not read, 1009 a message so long that it is not even
// skipped. A connection too many is refused with HTTP status 503.
package ws
