package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"sync"
	"time"
)

//go:embed page
var pageFS embed.FS

// contentTypes of everything the page may consist of. The table of the machine
// (mime.TypeByExtension) is not asked: some have JavaScript as text/plain,
// which browsers refuse to run as a module.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

const (
	// rootPattern is the page itself.
	rootPattern = "/{$}"
	// embedPath is the same page, which is a player and nothing else there: its
	// scripts and styles go by the path.
	embedPath = "/embed"
	// playerPattern is what pages of others load.
	playerPattern = "/pushcam-player.js"
)

// pageFile is one file of the page. Immutable.
type pageFile struct {
	pattern     string // for http.ServeMux
	contentType string
	etag        string
	body        []byte
}

// page is all of it. Immutable.
type page struct {
	files  []pageFile
	hashes []string // of the scripts in index.html, as the content policy wants them
}

// embeddedPage returns the page that is in this program. It is the same for all
// who ask.
var embeddedPage = sync.OnceValues(readPage)

// readPage reads the embedded page and minifies it; index.html is at the root.
func readPage() (*page, error) {
	entries, err := fs.ReadDir(pageFS, "page")
	if err != nil {
		return nil, err
	}
	bodies := map[string][]byte{}
	m := newMinifier()
	for _, e := range entries {
		name := e.Name()
		if _, ok := contentTypes[path.Ext(name)]; !ok {
			return nil, fmt.Errorf("%s: no content type for this ending", name)
		}
		body, err := fs.ReadFile(pageFS, path.Join("page", name))
		if err != nil {
			return nil, err
		}
		if bodies[name], err = smaller(m, name, body); err != nil {
			return nil, err
		}
	}
	p := &page{}
	if bodies["index.html"], p.hashes, err = inline(bodies["index.html"], bodies); err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		sum := sha256.Sum256(bodies[name])
		f := pageFile{
			pattern:     "/" + name,
			contentType: contentTypes[path.Ext(name)],
			etag:        `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
			body:        bodies[name],
		}
		if name == "index.html" {
			f.pattern = rootPattern
		}
		p.files = append(p.files, f)
	}
	return p, nil
}

// plainScript is one that runs before the browser reads on.
var plainScript = regexp.MustCompile(`<script src="?([^">]+)"?></script>`)

// inline puts the plain scripts into the page: the browser need not ask for them,
// and the first of all steps to the picture is taken in one.
func inline(page []byte, scripts map[string][]byte) (whole []byte, hashes []string, err error) {
	whole = plainScript.ReplaceAllFunc(page, func(tag []byte) []byte {
		name := string(plainScript.FindSubmatch(tag)[1])
		script, ok := scripts[name]
		if !ok {
			err = fmt.Errorf("index.html: there is no %s", name)
			return tag
		}
		sum := sha256.Sum256(script)
		hashes = append(hashes, "sha256-"+base64.StdEncoding.EncodeToString(sum[:]))
		return slices.Concat([]byte("<script>"), script, []byte("</script>"))
	})
	return whole, hashes, err
}

// ServeHTTP answers with the file, or with 304 when the client has this very
// version. Clients ask each time, so that all modules are of one version.
func (f pageFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// forAnyPage lets pages of other sites load a script, which is no secret.
func forAnyPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}
