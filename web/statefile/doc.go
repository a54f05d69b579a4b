// Package statefile reads and replaces the small files in which the program
// keeps what is for nobody else to see: its key, and who has logged in.
//
// Invariants:
//
//   - Only the owner can read a file.
//   - It is replaced as a whole, and is on the disk when Write returns: a power
//     failure leaves the old one or the new one.
//   - No file makes Read take more memory than its caller allows.
package statefile
