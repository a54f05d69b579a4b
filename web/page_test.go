package web

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPageIsRevalidated(t *testing.T) {
	get := func(etag string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/app.js", nil)
		r.Host = "localhost"
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		return serve(t, Config{}, r)
	}
	first := get("")
	etag := first.Header.Get("ETag")
	if etag == "" || first.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q; want a tag and no-cache", etag, first.Header.Get("Cache-Control"))
	}
	if again := get(etag); again.StatusCode != http.StatusNotModified || body(t, again) != "" {
		t.Errorf("with its own ETag: status %d, want 304 and no body", again.StatusCode)
	}
	if other := get(`"another"`); other.StatusCode != http.StatusOK {
		t.Errorf("with another ETag: status %d, want 200", other.StatusCode)
	}
}

// pageSources returns the page's files by name.
func pageSources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(pageFS, "page", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(pageFS, path)
		files[strings.TrimPrefix(path, "page/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The content policy forbids all of these, so that they would silently not work.
var forbidden = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script>|innerHTML|insertAdjacentHTML|\beval\(|new Function|https?://(?:[^w]|w[^w])`)

func TestPageObeysItsContentPolicy(t *testing.T) {
	files := pageSources(t)
	files["notfound.html"] = notFoundText
	files["login.html"] = loginText
	for name, text := range files {
		if name == "favicon.svg" {
			continue // an image; its namespace is a URL that nobody loads
		}
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s has %q, which the content policy forbids", name, found)
		}
	}
}

// TestPageIsWhole: every file, element and icon that some part refers to exists.
func TestPageIsWhole(t *testing.T) {
	files := pageSources(t)
	index := files["index.html"]
	links := regexp.MustCompile(`(?:src|href)="([^"#{][^"]*)"`)
	imports := regexp.MustCompile(`(?:from |import\()'\./([^']+)'`)
	ids := regexp.MustCompile(`(?:byId|getElementById)\('([^']+)'\)`)
	icons := regexp.MustCompile(`(?m)#icon-([a-z]+)|^  '?[a-z/]+'?: '([a-z]+)',$`)
	checked := 0
	for name, text := range files {
		var refers []string
		switch {
		case strings.HasSuffix(name, ".html"):
			refers = all(links, text)
		case strings.HasSuffix(name, ".js"):
			refers = all(imports, text)
			for _, id := range all(ids, text) {
				if !strings.Contains(index, `id="`+id+`"`) {
					t.Errorf("%s uses the element %q, which the page does not have", name, id)
				}
				checked++
			}
		}
		for _, file := range refers {
			if _, ok := files[file]; !ok {
				t.Errorf("%s refers to %s, which does not exist", name, file)
			}
			checked++
		}
		for _, icon := range all(icons, text) {
			if !strings.Contains(index, ` id="icon-`+icon+`"`) {
				t.Errorf("%s uses the icon %q, which the page does not have", name, icon)
			}
			checked++
		}
	}
	if checked < 40 {
		t.Errorf("found only %d references: do the patterns still match?", checked)
	}
}

// TestModulesArePreloaded: or the browser finds them one after the other, each
// in the one that imports it.
func TestModulesArePreloaded(t *testing.T) {
	files := pageSources(t)
	preloaded := all(regexp.MustCompile(`<link rel="modulepreload" href="([^"]*)">`), files["index.html"])
	var imported []string
	for name, text := range files {
		if strings.HasSuffix(name, ".js") {
			imported = append(imported, all(regexp.MustCompile(`from '\./([^']+)'`), text)...)
		}
	}
	slices.Sort(imported)
	slices.Sort(preloaded)
	if imported = slices.Compact(imported); !slices.Equal(preloaded, imported) {
		t.Errorf("index.html preloads %v, the scripts import %v", preloaded, imported)
	}
}

// all returns the first non-empty group of every match.
func all(pattern *regexp.Regexp, text string) (found []string) {
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, strings.Join(m[1:], ""))
	}
	return found
}

// TestPlainScriptsAreInThePage: the browser asks for none of them, and the content
// policy lets them run.
func TestPlainScriptsAreInThePage(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "localhost"
	res := serve(t, Config{}, r)
	page, policy := body(t, res), res.Header.Get("Content-Security-Policy")
	scripts := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllStringSubmatch(page, -1)
	if len(scripts) < 3 || strings.Contains(page, "<script src") {
		t.Errorf("%d scripts are in the page", len(scripts))
	}
	for _, script := range scripts {
		sum := sha256.Sum256([]byte(script[1]))
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, hash) {
			t.Errorf("the policy %q does not allow the script\n%.200s", policy, script[1])
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy %q allows more", policy)
	}
}

// TestPageWeight: what a visit loads is little, as served and before any compression.
func TestPageWeight(t *testing.T) {
	const most = 60 << 10
	index, all, table := pageSources(t)["index.html"], 0, 0
	for _, f := range must(t, embeddedPage).files {
		if name := strings.TrimPrefix(f.pattern, "/"); f.pattern != rootPattern && !strings.Contains(index, `="`+name+`"`) {
			if strings.HasPrefix(name, "words-") {
				table = max(table, len(f.body)) // one other language, at most
			}
			continue
		}
		if strings.Contains(index, `<script src="`+strings.TrimPrefix(f.pattern, "/")+`"`) {
			continue // it is in the page, and not asked for
		}
		t.Logf("%6d %s", len(f.body), f.pattern)
		all += len(f.body)
	}
	t.Logf("%6d for another language", table)
	all += table
	t.Logf("%6d in all, at most %d", all, most)
	if all > most || all < 10<<10 {
		t.Errorf("the page weighs %d bytes, want at most %d", all, most)
	}
}

// TestPlayerScriptIsForAnyPage: and the page's own scripts are not.
func TestPlayerScriptIsForAnyPage(t *testing.T) {
	for path, want := range map[string]string{"/pushcam-player.js": "cross-origin", "/app.js": "same-origin", "/embed": "same-origin"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost"
		res := serve(t, Config{}, r)
		if got := res.Header.Get("Cross-Origin-Resource-Policy"); res.StatusCode != http.StatusOK || got != want {
			t.Errorf("%s: status %d, Cross-Origin-Resource-Policy %q; want 200, %q", path, res.StatusCode, got, want)
		}
	}
}

func TestFrameAncestors(t *testing.T) {
	c := Config{FrameAncestors: []string{"https://home.example.org"}}
	if got := serve(t, c, get("/")).Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self' https://home.example.org") || strings.Contains(got, "unsafe") {
		t.Error(got)
	}
	for entry, ok := range map[string]bool{
		"https://home.example.org:8123": true, "*": true,
		"home.example.org": false, "https://a; script-src *": false, "https://a b": false, "'none'": false, "file://x": false, "": false,
	} {
		if err := CheckFrameAncestor(entry); (err == nil) != ok {
			t.Errorf("%q: %v", entry, err)
		}
	}
}
