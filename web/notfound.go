package web

import (
	"bytes"
	_ "embed" // for notfound.html
	"html/template"
	"net/http"
	"strings"
)

//go:embed notfound.html
var notFoundText string

// notFoundPage has the way back to the root as its only variable. It is
// relative, as a proxy may have put us under a path that we do not know.
var notFoundPage = template.Must(template.New("notfound.html").Parse(notFoundText))

func notFound(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	root := "./" + strings.Repeat("../", max(0, strings.Count(r.URL.EscapedPath(), "/")-1))
	if err := notFoundPage.Execute(&page, root); err != nil {
		plain(w, http.StatusNotFound, "There is nothing here.\n")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(page.Bytes()) // a client that has gone needs no answer
}
