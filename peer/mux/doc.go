// Package mux opens the two sockets that all viewers share: one UDP port for
// media, and one TCP port for viewers whose network carries no UDP (RFC 6544).
//
//	viewer A ─┐
//	viewer B ─┼─▶ UDP :1990 ─▶ by ICE user name (RFC 8445) ─▶ PeerConnection
//	viewer C ─┘   TCP :1991
//
// What leaves by the UDP port can be sent in Batches; package udp does it.
//
// The sockets listen on the wildcard address, so they outlive every change of
// network: the addresses to offer are those of the second in which a viewer asks.
package mux
