package certificate

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var hosts = []string{"pi", "pi.local", "localhost", "192.168.1.5", "fd00::1"}

func open(t *testing.T, path string, hosts []string) *Auto {
	t.Helper()
	a, err := OpenAuto(path, hosts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAuto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state", "tls.pem")
		first := open(t, path, hosts)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v: want a file for its owner only", info, err)
		}
		if len(first.Fingerprint()) != 32*3-1 {
			t.Errorf("fingerprint %s", first.Fingerprint())
		}
		for _, host := range hosts {
			if err := first.cert.Leaf.VerifyHostname(host); err != nil {
				t.Error(err)
			}
		}
		again := open(t, path, hosts[:2])
		if again.Fingerprint() != first.Fingerprint() {
			t.Error("it is another one after a restart")
		}
		moved := open(t, path, []string{"other.local"})
		if moved.Fingerprint() == first.Fingerprint() || !moved.key.Equal(first.key) {
			t.Error("a new name: want a new certificate of the same key")
		}
		time.Sleep(lifetime - renewBefore + time.Hour) //nolint:forbidigo // the bubble's time
		before := moved.Fingerprint()
		cert, err := moved.GetCertificate(nil)
		if err != nil || moved.Fingerprint() == before || !cert.Leaf.NotAfter.After(time.Now().Add(renewBefore)) {
			t.Errorf("it ends at %v, %v", cert.Leaf.NotAfter, err)
		}
		if open(t, path, nil).Fingerprint() != moved.Fingerprint() {
			t.Error("what was renewed is not kept")
		}
	})
}

// TestAutoMends: a file that is no certificate is replaced, and one that cannot
// be written is an error at the start and none later.
func TestAutoMends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tls.pem")
	if err := os.WriteFile(path, []byte("-----BEGIN CERTIFICATE-----\nnone"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := OpenAuto(path, hosts, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || !strings.Contains(log.String(), path) {
		t.Errorf("%v, logged %s", err, &log)
	}
	nowhere := filepath.Join(path, "below a file")
	if _, err := OpenAuto(nowhere, hosts, nil); err == nil {
		t.Error("a place that cannot be is one")
	}
	a.path, a.cert.Leaf.NotAfter = nowhere, time.Now()
	if cert, err := a.GetCertificate(nil); cert == nil || err != nil || !strings.Contains(log.String(), "not kept") {
		t.Errorf("%v, logged %s", err, &log)
	}
}

// pair writes a certificate and its key into two files.
func pair(t *testing.T, certFile, keyFile string) {
	t.Helper()
	a := open(t, filepath.Join(t.TempDir(), "tls.pem"), hosts)
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: a.cert.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	if _, err := OpenFiles(certFile, keyFile, nil); err == nil || !strings.Contains(err.Error(), "cert.pem") {
		t.Errorf("no files: %v", err)
	}
	pair(t, certFile, keyFile)
	var log bytes.Buffer
	f, err := OpenFiles(certFile, keyFile, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	// The same moment again, or all would hang on the clock of the file system.
	touch := func(since time.Duration) {
		f.looked = time.Time{}
		for _, name := range []string{certFile, keyFile} {
			at := time.Now().Add(since)
			if err := os.Chtimes(name, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	get := func() *tls.Certificate {
		cert, err := f.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	first := get()
	pair(t, certFile, keyFile)
	touch(time.Minute)
	second := get()
	if bytes.Equal(first.Certificate[0], second.Certificate[0]) {
		t.Error("the files have changed, the certificate has not")
	}
	if err := os.WriteFile(certFile, []byte("half of"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(2 * time.Minute)
	for range 3 {
		if get() != second {
			t.Error("the old one is gone")
		}
		f.looked = time.Time{}
	}
	if got := strings.Count(log.String(), "stays the old one"); got != 1 {
		t.Errorf("told %d times:\n%s", got, &log)
	}
	pair(t, certFile, keyFile)
	touch(3 * time.Minute)
	if get() == second {
		t.Error("it does not come back")
	}
}

// TestHandshake: browsers of today take both.
func TestHandshake(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "tls.pem"), hosts)
	roots := x509.NewCertPool()
	roots.AddCert(a.cert.Leaf)
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	// A pipe has no room for tickets that nobody reads.
	served := make(chan error, 1)
	go func() {
		served <- tls.Server(there, &tls.Config{GetCertificate: a.GetCertificate, SessionTicketsDisabled: true}).Handshake()
	}()
	client := tls.Client(here, &tls.Config{RootCAs: roots, ServerName: "pi.local"})
	if err := client.Handshake(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
