package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/pushcam/pushcam/web"
)

// greet tells a person where to look and what at.
func (s *service) greet(w io.Writer) {
	var codecs []string
	for _, codec := range s.source.Codecs() {
		codecs = append(codecs, codec.String())
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-8s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(w, version())
	line("picture", "%s", s.picked.about)
	line("encoder", "%s at %v bit/s, started by the first viewer", strings.Join(codecs, " or "), s.config.Bitrate)
	if s.hardware.node != nil {
		line("", "h264 by hardware, %v; by libx264 should that fail", s.hardware.node)
	}
	media := fmt.Sprintf("UDP %d", s.network.UDPPort())
	if port := s.network.TCPPort(); port != 0 {
		media += fmt.Sprintf(", TCP %d", port)
	}
	line("media", "%s", media)
	for _, name := range s.network.Missing() {
		line("", "no network interface %s now: nothing is offered on it until it comes", name)
	}
	if s.relay != nil {
		line("relay", "%s", s.config.Relay)
	}
	name := "open"
	for _, url := range web.URLs(s.listener.Addr(), s.server.TLS != nil) {
		line(name, "%s", url)
		name = ""
	}
	if s.fingerprint != "" {
		line("", "the browser asks about its certificate, whose SHA-256 fingerprint is")
		line("", "%s", s.fingerprint)
	}
	line("", "waiting for viewers; Ctrl-C ends it")
}
