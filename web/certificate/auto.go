package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pushcam/pushcam/web/statefile"
)

// How long a certificate of our own lasts: some browsers take none for more
// than 398 days. It may begin earlier than our clock says, which on a Raspberry
// Pi is late until it has asked the network.
const (
	lifetime    = 365 * 24 * time.Hour
	renewBefore = 30 * 24 * time.Hour
	clockError  = 24 * time.Hour
)

// Auto is a self-signed certificate. Its methods are safe from any goroutine.
type Auto struct {
	path  string
	hosts []string
	log   *slog.Logger

	mu   sync.Mutex
	cert *tls.Certificate
	key  *ecdsa.PrivateKey
}

// OpenAuto reads the file at path, or makes it: when there is none, when its
// certificate ends soon, or is not for one of the hosts (names and IP
// addresses). The key stays the same for as long as the file is there.
func OpenAuto(path string, hosts []string, log *slog.Logger) (*Auto, error) {
	a := &Auto{path: path, hosts: hosts, log: log}
	if log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	cert, err := tls.LoadX509KeyPair(path, path)
	if err == nil {
		a.key, _ = cert.PrivateKey.(*ecdsa.PrivateKey)
		if a.cert = &cert; a.key != nil && a.fits(cert.Leaf) {
			return a, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("certificate is made anew", "file", path, "err", err)
	}
	if err := a.renew(); err != nil {
		return nil, err
	}
	return a, nil
}

// fits reports whether the certificate can stay.
func (a *Auto) fits(leaf *x509.Certificate) bool {
	for _, host := range a.hosts {
		if leaf.VerifyHostname(host) != nil {
			return false
		}
	}
	return !endsSoon(leaf)
}

func endsSoon(leaf *x509.Certificate) bool { return time.Now().After(leaf.NotAfter.Add(-renewBefore)) }

// GetCertificate is tls.Config's.
func (a *Auto) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	var err error
	if endsSoon(a.cert.Leaf) {
		err = a.renew()
	}
	cert := a.cert
	a.mu.Unlock()
	if err != nil {
		a.log.Warn("certificate is renewed and not kept", "err", err)
	}
	return cert, nil
}

// Fingerprint is what a browser shows of the certificate, for people to compare.
func (a *Auto) Fingerprint() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := sha256.Sum256(a.cert.Leaf.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// renew makes a certificate and writes the file. One that cannot be written is
// in use all the same, if there was one before.
func (a *Auto) renew() error {
	if a.key == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fmt.Errorf("make certificate: %w", err)
		}
		a.key = key
	}
	cert, err := selfSigned(a.key, a.hosts)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	a.cert = cert
	return a.write()
}

func selfSigned(key *ecdsa.PrivateKey, hosts []string) (*tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "pushcam"},
		NotBefore:             now.Add(-clockError),
		NotAfter:              now.Add(lifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func (a *Auto) write() error {
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return fmt.Errorf("keep certificate: %w", err)
	}
	text := slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Certificate[0]}),
	)
	if err := statefile.Write(a.path, text); err != nil {
		return fmt.Errorf("keep certificate: %w", err)
	}
	return nil
}
