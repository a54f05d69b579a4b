package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServeTLS: by https with the certificate whose fingerprint is printed, the
// same after a restart, and plain HTTP leads there.
func TestServeTLS(t *testing.T) {
	folder := t.TempDir()
	fingerprint := ""
	for range 2 {
		s := startServe(t, append(small, "--tls=auto", "--state-dir="+folder)...)
		if !strings.HasPrefix(s.url, "https://") {
			t.Fatalf("open %s", s.url)
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the fingerprint is compared
		res, err := (&http.Client{Transport: transport}).Get(strings.Replace(s.url, "https", "http", 1) + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		if res.TLS == nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s, TLS %v", res.Status, res.TLS)
		}
		sum := sha256.Sum256(res.TLS.PeerCertificates[0].Raw)
		got := strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
		if !strings.Contains(s.greeting, got) || fingerprint != "" && got != fingerprint {
			t.Errorf("fingerprint %s, before %s; greeting:\n%s", got, fingerprint, s.greeting)
		}
		fingerprint = got
		transport.CloseIdleConnections()
		s.stop()
	}
	// The same certificate, as somebody's files.
	pem := filepath.Join(folder, "tls.pem")
	s := startServe(t, append(small, "--tls-cert="+pem, "--tls-key="+pem)...)
	if !strings.HasPrefix(s.url, "https://") || strings.Contains(s.greeting, fingerprint) {
		t.Errorf("open %s", s.url)
	}
}

func TestServeTLSWithoutFiles(t *testing.T) {
	var out, complaint bytes.Buffer
	missing := filepath.Join(t.TempDir(), "none.pem")
	code := run(t.Context(), []string{"--listen=127.0.0.1:0", "--media-port=0", "--ice-tcp-port=0", "--source=pattern", "--tls-cert=" + missing, "--tls-key=" + missing}, nil, &out, &complaint)
	if code != exitFailed || !strings.Contains(complaint.String(), missing) {
		t.Errorf("exit code %d, %s", code, &complaint)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("somebody's file was made")
	}
}
