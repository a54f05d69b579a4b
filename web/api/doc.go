// Package api is the interface for programs that want to know how pushcam does,
// or to change something: JSON over HTTP, below /api.
//
//	GET   /api                the description of all this (OpenAPI 3.1)
//	GET   /api/v1/version     which pushcam it is
//	GET   /api/v1/state       the camera, and what is made of it
//	GET   /api/v1/viewers     who watches, and how well
//	GET   /api/v1/statistics  what was done since the start
//	GET   /api/v1/controls    the camera's: brightness, exposure, focus
//	PATCH /api/v1/controls    changes them
//	POST  /api/v1/keyframe    asks all encoders for one
//
// Invariants:
//
//   - openapi.json describes each path, status and member, and a test holds the
//     answers to it.
//   - What is wrong with a request is told as problem details (RFC 9457). Unknown
//     members are wrong: a misspelled one is not left out in silence.
//   - Who may is asked before: whoever reads is a viewer at least, whoever changes
//     something an operator.
//
// The package knows no camera and no sessions: see Backend.
package api
