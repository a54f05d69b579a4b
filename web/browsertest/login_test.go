//go:build browser && linux

package browsertest

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// passwordHash is of "look".
const passwordHash = "$2a$10$svz53q1kIa4p5Is/hb92F.go4lvCyV0mcSCzkujZ7Ln3yKpJiwuK."

// TestLogin: a person gets in by the password and not without it, and a logout
// ends the picture in every tab of the browser.
func TestLogin(t *testing.T) {
	for _, c := range []struct{ language, form, title, scheme string }{
		{"en", "Log in", "Logged in", "0"}, // dark
		{"zh", "登录", "已登录", "1"},           // light
	} {
		t.Run(c.language, func(t *testing.T) {
			b := chromium(t, chromedp.Flag("accept-lang", c.language),
				chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4,preferredColorScheme="+c.scheme))
			server := serve(t, "--viewer-password", passwordHash)
			p := open(t, b, server.url)
			see := func(p *page, name string) {
				for _, w := range []window{phone(), landscape(), desktop()} {
					p.resize(w)
					p.look("login-"+name+"-"+c.language, w)
				}
			}
			if got := value[[]string](p, "[document.querySelector('h1').textContent, document.documentElement.lang, document.activeElement.id]"); strings.Join(got, " ") != c.form+" "+c.language+" password" {
				t.Errorf("the form is %q", got)
			}
			see(p, "form")
			p.enter("wrong")
			p.eventually("document.querySelector('[role=alert]') !== null")
			see(p, "wrong")
			p.enter("look")
			p.untilLive()
			p.mustRun()

			other := open(t, b, server.url+"login")
			if title := value[string](other, "document.querySelector('h1').textContent"); title != c.title {
				t.Errorf("who has logged in is shown %q", title)
			}
			see(other, "out")
			other.do("setTimeout(() => document.forms[0].requestSubmit())")
			for _, p := range []*page{other, p} {
				p.eventually("document.getElementById('password') !== null")
			}
		})
	}
}

// TestLoginThroughALink: who has logged in is not asked again by a link of
// another site, and who has not sees the form and no endless reloading.
func TestLoginThroughALink(t *testing.T) {
	server := serve(t, "--viewer-password", passwordHash)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><a href=%q>camera</a>", server.url)
	}))
	defer elsewhere.Close()
	site := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1) // the server's is an address
	follow := func(p *page) { p.do("setTimeout(() => document.querySelector('a').click())") }

	b := chromium(t)
	p := open(t, b, site)
	follow(p)
	p.eventually("document.getElementById('password') !== null && new URL(document.referrer).host === location.host")
	p.enter("look")
	p.untilLive()

	p = open(t, b, site)
	follow(p)
	p.untilLive()
}

// TestRestartKeepsTheLogin: the picture comes back without a question.
func TestRestartKeepsTheLogin(t *testing.T) {
	first := serve(t) // finds a port, as sessions are kept for one that was asked for
	first.stop()
	args := []string{"--listen", first.host, "--viewer-password", passwordHash, "--state-dir", t.TempDir()}
	server := serve(t, args...)
	p := open(t, chromium(t), server.url)
	p.enter("look")
	p.untilLive()
	server.kill()
	p.untilState("gone")
	serve(t, args...)
	p.untilState("live")
	p.mustRun()
}

// TestTLS: the picture by https, with a certificate of pushcam's own that the
// browser was told to trust, also for who types http.
func TestTLS(t *testing.T) {
	folder := t.TempDir()
	server := serve(t, "--tls", "auto", "--state-dir", folder, "--viewer-password", passwordHash)
	b := chromium(t, chromedp.Flag("ignore-certificate-errors-spki-list", keyHash(t, filepath.Join(folder, "tls.pem"))))
	p := open(t, b, strings.Replace(server.url, "https", "http", 1))
	if at := value[string](p, "location.href"); at != server.url {
		t.Errorf("http leads to %s, want %s", at, server.url)
	}
	p.enter("look")
	p.untilLive()
	p.mustRun()
}

// keyHash is how Chromium names a certificate's key.
func keyHash(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	t.Fatalf("%s has no certificate", path)
	return ""
}

// enter sends the form. What comes then is another page.
func (p *page) enter(password string) {
	p.t.Helper()
	p.do(fmt.Sprintf("document.getElementById('password').value = %q, setTimeout(() => document.forms[0].requestSubmit())", password))
}

// untilLive is untilState where another page is on its way.
func (p *page) untilLive() {
	p.t.Helper()
	p.eventually("document.documentElement.dataset.state !== undefined")
	p.untilState("live")
}

// eventually waits for a condition while pages come and go: an expression can be
// cut off by that.
func (p *page) eventually(condition string) {
	p.t.Helper()
	for begun := time.Now(); ; <-time.After(20 * time.Millisecond) {
		met := false
		err := p.tab.evaluate(fmt.Sprintf("Boolean(%s)", condition), &met)
		if met {
			return
		}
		if time.Since(begun) > patience {
			p.t.Fatalf("never %s: %v; the page says %+v", condition, err, p.state())
		}
	}
}
