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

// notFoundPage takes a notFoundView.
var notFoundPage = template.Must(template.New("notfound.html").Parse(notFoundText))

// notFoundView is what the page for unknown paths shows.
type notFoundView struct {
	Root  string // see wayToRoot
	Words loginWords
}

// wayToRoot is relative, as a proxy may have put us under a path that we do not know.
func wayToRoot(r *http.Request) string {
	return "./" + strings.Repeat("../", max(0, strings.Count(r.URL.EscapedPath(), "/")-1))
}

func notFound(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	if err := notFoundPage.Execute(&page, notFoundView{wayToRoot(r), loginWordsFor(r.Header.Get("Accept-Language"))}); err != nil {
		plain(w, http.StatusNotFound, "There is nothing here.\n")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(page.Bytes()) // a client that has gone needs no answer
}
