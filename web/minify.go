package web

import (
	"fmt"
	"path"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/js"
	"github.com/tdewolff/minify/v2/svg"
)

// newMinifier returns what makes the page's files smaller: a visit loads all of
// them, and the sources shall be free to explain themselves. Scripts keep what
// others may refer to: names at their top level, properties, and private fields.
func newMinifier() *minify.M {
	m := minify.New()
	m.Add(".css", &css.Minifier{})
	// No new syntax in boot.js, which is for browsers that do not know it.
	m.Add(".js", &js.Minifier{Version: 2009})
	m.Add(".svg", &svg.Minifier{})
	// It knows the endings, not the media types: the scripts in the page, whose
	// hashes are in the content policy, stay as they are.
	m.Add(".html", &html.Minifier{KeepDocumentTags: true, KeepEndTags: true})
	return m
}

// smaller returns the file with this name, minified by its ending.
func smaller(m *minify.M, name string, body []byte) ([]byte, error) {
	small, err := m.Bytes(path.Ext(name), body)
	if err != nil {
		return nil, fmt.Errorf("minify %s: %w", name, err)
	}
	return small, nil
}
