// Package certificate has the certificate that pushcam shows to browsers: one
// that it makes itself, or somebody's files.
//
//	Auto   a key and a certificate in one file, made and renewed as needed
//	Files  a certificate and a key that others renew, read again when they change
//
// Both answer crypto/tls's GetCertificate from memory, look for what has changed
// while they do, and own no goroutine. What cannot be renewed or read again is
// logged, and the old one stays in use.
//
// The files are looked at (stat) when a connection begins, once a second at
// most, and not watched: what renews certificates replaces links and folders,
// which a watch for the file does not tell of.
package certificate
