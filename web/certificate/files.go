package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often the files may be looked at.
const lookEvery = time.Second

// Files is a certificate that others renew. Its methods are safe from any
// goroutine.
type Files struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	cert   *tls.Certificate
	looked time.Time
	stamps [2]stamp // of what was read last, with success or without
}

// stamp tells one version of a file from another.
type stamp struct {
	changed time.Time
	size    int64
}

// OpenFiles reads a certificate, with those between it and its root, and its
// key, both in PEM.
func OpenFiles(certFile, keyFile string, log *slog.Logger) (*Files, error) {
	f := &Files{certFile: certFile, keyFile: keyFile, log: log}
	if log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if _, err := f.look(time.Now()); err != nil {
		return nil, err
	}
	return f, nil
}

// GetCertificate is tls.Config's.
func (f *Files) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	changed, err := f.look(time.Now())
	cert := f.cert
	f.mu.Unlock()
	switch {
	case err != nil:
		f.log.Warn("certificate stays the old one", "err", err)
	case changed:
		f.log.Info("certificate is read again", "file", f.certFile)
	}
	return cert, nil
}

// look reads the files if they have changed. The caller holds mu.
func (f *Files) look(now time.Time) (changed bool, err error) {
	if now.Sub(f.looked) < lookEvery {
		return false, nil
	}
	f.looked = now
	stamps := [2]stamp{stampOf(f.certFile), stampOf(f.keyFile)}
	if f.cert != nil && stamps == f.stamps {
		return false, nil
	}
	f.stamps = stamps
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		return false, fmt.Errorf("read certificate %s and key %s: %w", f.certFile, f.keyFile, err)
	}
	f.cert = &cert
	return true, nil
}

// stampOf a file that cannot be read is zero; reading it tells why.
func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{changed: info.ModTime(), size: info.Size()}
}
