// Package door decides who may: it knows accounts, checks their secrets and
// keeps the sessions of those who have logged in.
//
//	name, secret ─▶ address locked? ─▶ proven before? ─▶ one bcrypt at a time ─▶ Visitor
//	                (Refusal)          (HMAC)            (Refusal, and the address waits)
//	session id   ─▶ table of sessions ─────────────────────────────────────────▶ Visitor
//
// Invariants:
//
//   - No secret and no session id is kept or logged, only what proves one.
//   - A session outlives the program, not its password: its file has the hashes
//     of ids, and the hash of the account's hash. What still runs by a session
//     ends with it.
//   - Guessing costs the machine at most a quarter of one CPU core, however many
//     guess: there is one hash at a time, and after a wrong one a rest. For the
//     next, those on this machine's network come before all others.
//   - Whoever guesses from one address waits longer after each failure. IPv6
//     addresses count by /64, as one machine has all of them.
//   - Everything that strangers can make grow has a bound.
//
// The package knows no HTTP.
package door
