// Package whep is the endpoint for players that speak WHEP
// (draft-ietf-wish-whep-03): one HTTP request with an offer, one answer, and
// the picture comes.
//
//	player ── POST /whep, offer ──────────▶ Handler ── Open, Accept ──▶ Session
//	       ◀─ 201, Location, ETag, answer ──   │
//	       ── PATCH /whep/ID, sdpfrag ───────▶ │ ── AddCandidate, Restart
//	       ── DELETE /whep/ID ───────────────▶ │ ── Close
//	       ── POST /whep/ID/events ──────────▶ │
//	       ── GET /whep/ID/events/ID2 ───────▶ │    active, inactive, viewercount
//
// Client is the other side, for pushcam watch and for tests.
//
// What it answers, each time with the reason in words:
//
//	200  OPTIONS; DELETE; PATCH that restarts ICE; GET of events
//	201  POST with a good offer, or for events
//	204  PATCH with candidates; GET and HEAD, as no resource has a content;
//	     DELETE of events
//	400  the offer, the fragment or the list of events cannot be read
//	404  there is no such resource, or no longer
//	405  the method makes no sense there; Allow says which do
//	406  the offer has no codec that is encoded here
//	408  the body did not come in time
//	409  there is no camera; Retry-After says when to ask again
//	412  If-Match names an ICE session of the past
//	413  the body is too long
//	415  the body is of another type; Accept-Post or Accept-Patch says which
//	428  PATCH without If-Match
//	429  this address has too much already; Retry-After says when to ask again
//	500  the server failed; its log says why
//	503  as many viewers as allowed are watching, or the server is closing
//
// Invariants:
//
//   - A resource is found by whoever knows its URL, which has 130 random bits
//     in it, and by nobody else. It is not logged.
//   - A resource is gone as soon as its Session has ended, however that came:
//     DELETE, a connection that failed, none within the Session's time, or the
//     end of the login by which it was asked for.
//   - Nothing that a player sends holds up another: requests are bounded in
//     length and time, an address in Sessions, a Session in candidates,
//     restarts and event streams.
//   - Everything is asked for through Handler.ServeHTTP. A middleware before it
//     sees every request.
//
// Host, Origin, CORS and who may watch are the business of those before it.
package whep
