package main

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pushcam/pushcam/web"
	"github.com/pushcam/pushcam/web/certificate"
)

// tlsConfig is whether the page is served by https, and with what.
type tlsConfig struct {
	TLS     tlsChoice   `name:"tls" default:"off" group:"Access:" help:"Serve by https: auto with a certificate that pushcam makes, keeps and renews, and that browsers ask about once; off. Files of --tls-cert count as on."`
	TLSCert pemFileName `name:"tls-cert" group:"Access:" placeholder:"FILE" help:"Serve by https with this certificate, and those between it and its root, in PEM. It is read again when it changes."`
	TLSKey  pemFileName `name:"tls-key" group:"Access:" placeholder:"FILE" help:"Key of --tls-cert, in PEM."`
}

// tlsChoice is off or auto.
type tlsChoice string

const (
	tlsOff  tlsChoice = "off"
	tlsAuto tlsChoice = "auto"
)

// UnmarshalText reads off or auto.
func (c *tlsChoice) UnmarshalText(text []byte) error {
	switch *c = tlsChoice(strings.ToLower(string(text))); *c {
	case tlsOff, tlsAuto:
		return nil
	}
	return wrong(text, "off or auto")
}

// pemFileName is the path of a PEM file, "" for none.
type pemFileName string

// UnmarshalText refuses what can be no path. Whether there is such a file is
// seen when it is read.
func (n *pemFileName) UnmarshalText(text []byte) error {
	if *n = pemFileName(text); strings.TrimSpace(string(text)) == "" {
		return wrong(text, "the path of a PEM file")
	}
	return nil
}

// validate reports values that are right on their own and wrong together.
func (c *tlsConfig) validate() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key: want both or none")
	case c.TLSCert != "" && c.TLS == tlsAuto:
		return errors.New("--tls auto and --tls-cert: want one of them")
	}
	return nil
}

// certificate is nil for plain HTTP. fingerprint is that of one of our own, for
// a person to compare with what the browser shows.
func (c *serveConfig) certificate(log *slog.Logger, listen net.Addr) (_ *tls.Config, fingerprint string, err error) {
	if c.TLSCert != "" {
		files, err := certificate.OpenFiles(string(c.TLSCert), string(c.TLSKey), log)
		if err != nil {
			return nil, "", err
		}
		return &tls.Config{GetCertificate: files.GetCertificate}, "", nil
	}
	if c.TLS != tlsAuto {
		return nil, "", nil
	}
	if c.StateDir == "" {
		return nil, "", errors.New("--tls auto: there is no folder to keep the certificate in: want --state-dir")
	}
	auto, err := certificate.OpenAuto(filepath.Join(string(c.StateDir), "tls.pem"), ownHosts(listen), log)
	if err != nil {
		return nil, "", err
	}
	return &tls.Config{GetCertificate: auto.GetCertificate}, auto.Fingerprint(), nil
}

// ownHosts are the names and addresses by which browsers reach this machine.
func ownHosts(listen net.Addr) (hosts []string) {
	for _, page := range web.URLs(listen, true) {
		if u, err := url.Parse(page); err == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	if hostname, err := os.Hostname(); err == nil {
		hosts = append(hosts, web.OwnNames(hostname)...)
	}
	return hosts
}
