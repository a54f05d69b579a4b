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

// rootPattern is the page itself.
const rootPattern = "/{$}"

// pageFile is one file of the page. Immutable.
type pageFile struct {
	pattern     string // for http.ServeMux
	contentType string
	etag        string
	body        []byte
}

// pageFiles reads the embedded page; index.html is at the root.
func pageFiles() ([]pageFile, error) {
	entries, err := fs.ReadDir(pageFS, "page")
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	var files []pageFile
	for _, e := range entries {
		name := e.Name()
		body, err := fs.ReadFile(pageFS, path.Join("page", name))
		if err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return nil, fmt.Errorf("read page: %s: no content type for this ending", name)
		}
		sum := sha256.Sum256(body)
		f := pageFile{
			pattern:     "/" + name,
			contentType: contentType,
			etag:        `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
			body:        body,
		}
		if name == "index.html" {
			f.pattern = rootPattern
		}
		files = append(files, f)
	}
	return files, nil
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
