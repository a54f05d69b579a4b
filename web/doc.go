// Package web is the viewer's page and all HTTP around it that is not
// signaling.
//
//	request ─▶ Host rule ─▶ Origin rule ─▶ gate ─┬─ WebSocket upgrade, any path ─▶ Config.WebSocket
//	           (421)        (403)          (401) ├─ /          the page, embedded
//	                                             ├─ /whep      for players: Config.WHEP
//	                                             ├─ /healthz   200 while the process serves
//	                                             ├─ /readyz    200 while the camera can be used: Config.Ready
//	                                             ├─ /metrics   for Prometheus: Config.Metrics
//	                                             ├─ /snapshot  one picture, /stream all: Config.Pictures
//	                                             ├─ /api       for programs: Config.API
//	                                             ├─ /login     the form, /logout
//	                                             └─ elsewhere  404, in words
//
// The page is plain HTML, CSS and JavaScript modules in the folder page, with no
// build step: New minifies what stands there, and puts the scripts that are no
// modules into the page itself, so that the first step to the picture is taken
// before anything else is asked for. It refers to
// everything by relative URL, so a proxy may put it under any path.
//
// Invariants:
//
//   - No other web site reads the camera through a visitor's browser: every
//     request passes the Host rule (against DNS rebinding) and the Origin rule
//     (against cross-site WebSocket hijacking) before anything else sees it.
//   - Whoever reaches a handler has the role that routes.go asks for. It is the
//     one place where handlers are registered, and a test walks all of them.
//   - What a client may take is bounded: connections, header, body, and the time
//     for each of them.
//   - Every refusal says in words what would allow it.
//   - Serve returns only when every handler has, or says how many have not.
//
// The package knows no WebRTC, no camera and no WebSocket framing.
package web
