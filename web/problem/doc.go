// Package problem says what is wrong with a request in a way that programs read,
// too: as problem details (RFC 9457).
package problem
