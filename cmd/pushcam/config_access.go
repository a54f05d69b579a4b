package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// accessConfig is who a viewer says it is, and whom it trusts.
type accessConfig struct {
	Token       bearerToken `placeholder:"NAME.SECRET" help:"Token by which the server knows the viewers, made by pushcam passwd --token; with @FILE that file has it, and nobody sees it who lists processes. A name and a password go into the URL, like http://viewer:PASSWORD@HOST:1990."`
	Fingerprint fingerprint `placeholder:"SHA256" help:"Trust the certificate with this fingerprint and no other: pushcam serve --tls auto prints it at its start."`
}

// bearerToken is a program's, "" for none.
type bearerToken string

// UnmarshalText takes a token, or the file that has it. Errors do not repeat it.
func (b *bearerToken) UnmarshalText(text []byte) error {
	const longest = 4 << 10
	token := string(text)
	if path, ok := strings.CutPrefix(token, "@"); ok {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read token: %w", err)
		}
		defer f.Close()
		read, err := io.ReadAll(io.LimitReader(f, longest)) // of a pipe, too
		if err != nil {
			return fmt.Errorf("read token: %w", err)
		}
		token = strings.TrimSpace(string(read))
	}
	// RFC 6750, section 2.1: what can stand in the header.
	rest := strings.TrimRight(token, "=")
	if rest == "" || strings.Trim(strings.ToLower(rest), "abcdefghijklmnopqrstuvwxyz0123456789-._~+/") != "" {
		return errors.New("want a token like NAME.SECRET, or @ and the file that has it")
	}
	*b = bearerToken(token)
	return nil
}

// String keeps the token out of what is printed.
func (b bearerToken) String() string {
	if b == "" {
		return ""
	}
	return "(token)"
}

// fingerprint is the SHA-256 of a certificate, "" for none.
type fingerprint string

// UnmarshalText reads hexadecimal digits, with colons between or not.
func (f *fingerprint) UnmarshalText(text []byte) error {
	sum, err := hex.DecodeString(strings.ReplaceAll(string(text), ":", ""))
	if err != nil || len(sum) != sha256.Size {
		return wrong(text, "the SHA-256 fingerprint of a certificate, 32 bytes like AB:CD:...")
	}
	*f = fingerprint(sum)
	return nil
}

// String is how browsers show it.
func (f fingerprint) String() string {
	return strings.ReplaceAll(fmt.Sprintf("% X", string(f)), " ", ":")
}

// tls is nil where the system decides whom to trust.
func (f fingerprint) tls() *tls.Config {
	if f == "" {
		return nil
	}
	return &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // names and dates count for nothing: the certificate is known
		VerifyConnection: func(s tls.ConnectionState) error {
			got := sha256.Sum256(s.PeerCertificates[0].Raw) // there is one, or no connection
			if fingerprint(got[:]) != f {
				return fmt.Errorf("the server's certificate has another fingerprint than --fingerprint: %v", fingerprint(got[:]))
			}
			return nil
		},
	}
}

// access is what viewers show to the server, and ask of it.
type access struct {
	authorization string // of the header, "" for none
	tls           *tls.Config
}

func (c *watchConfig) access() access {
	a := access{tls: c.Fingerprint.tls()}
	switch login := c.URL.login; {
	case c.Token != "":
		a.authorization = "Bearer " + string(c.Token)
	case login != nil:
		password, _ := login.Password()
		a.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(login.Username()+":"+password))
	}
	return a
}

// header is nil for those who say nothing.
func (a access) header() http.Header {
	if a.authorization == "" {
		return nil
	}
	return http.Header{"Authorization": {a.authorization}}
}

// client asks a WHEP endpoint. The caller closes its idle connections.
func (a access) client(endpoint string) *http.Client {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: a.tls, ForceAttemptHTTP2: true}
	u, err := url.Parse(endpoint)
	if err != nil || a.authorization == "" {
		return &http.Client{Transport: transport}
	}
	return &http.Client{Transport: loggedIn{transport, a.authorization, u.Scheme, u.Host}}
}

// loggedIn says who it is to one server, and not to where that may lead.
type loggedIn struct {
	*http.Transport
	authorization string
	scheme, host  string
}

// RoundTrip implements http.RoundTripper.
func (l loggedIn) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == l.scheme && r.URL.Host == l.host {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", l.authorization)
	}
	return l.Transport.RoundTrip(r)
}
