package web

import (
	"bytes"
	"context"
	_ "embed" // for login.html
	"errors"
	"html/template"
	"mime"
	"net/http"
	"time"

	"github.com/pushcam/pushcam/web/door"
)

// maxForm is how large the form may be, in bytes.
const maxForm = 4 << 10

//go:embed login.html
var loginText string

// loginPage takes a loginView.
var loginPage = template.Must(template.New("login.html").Parse(loginText))

// loginView is what the form shows.
type loginView struct {
	Root  string // see wayToRoot
	Embed bool   // it stands in the frame of /embed, and leads there
	Words loginWords
	Title string
	Wrong bool // that was not the password
	Wait  int  // seconds
	Hint  string
	Who   string // has logged in
}

// login shows the form and takes it.
func (g *gate) login(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		v, _ := g.visitor(r) // who is not known can become so here
		g.show(w, r, http.StatusOK, loginView{Who: v.Name})
	case http.MethodPost:
		g.enter(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, http.StatusMethodNotAllowed, "Only GET, HEAD and POST work here.\n")
	}
}

// enter begins a session for who knows a password.
func (g *gate) enter(w http.ResponseWriter, r *http.Request) {
	password, ok := readPassword(w, r)
	if !ok {
		refuse(w, http.StatusBadRequest, "This is not what the form sends.\n")
		return
	}
	visitor, err := g.check(r, "", password)
	var refusal *door.Refusal
	switch {
	case errors.As(err, &refusal):
		g.form(w, r, refusalStatus(w.Header(), refusal), refusal)
		return
	case err != nil:
		if !errors.Is(err, context.Canceled) {
			refuse(w, http.StatusServiceUnavailable, "Try again.\n")
		}
		return
	}
	old := ""
	if cookie, err := r.Cookie(cookieName(r)); err == nil {
		old = cookie.Value
	}
	http.SetCookie(w, sessionCookie(r, g.door.Enter(visitor, old)))
	if inFrame(r) {
		see(w, "./embed")
		return
	}
	see(w, "./")
}

// inFrame reports whether the form is asked for by /embed, or sent from there.
func inFrame(r *http.Request) bool { return r.URL.Path == embedPath || r.URL.RawQuery == "embed" }

// readPassword reads a small form.
func readPassword(w http.ResponseWriter, r *http.Request) (string, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return "", false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return "", false
	}
	values := r.PostForm["password"]
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

// logout ends the session. It is a POST: a link cannot do it.
func (g *gate) logout(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		refuse(w, http.StatusMethodNotAllowed, "Only POST works here.\n")
		return
	}
	for _, cookie := range r.CookiesNamed(cookieName(r)) {
		g.door.Leave(cookie.Value)
	}
	gone := sessionCookie(r, "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	see(w, "./")
}

// sessionCookie has no path: the browser takes that of the form, which is ours
// alone also where a proxy has put us beside others.
func sessionCookie(r *http.Request, id string) *http.Cookie {
	return &http.Cookie{
		Name: cookieName(r), Value: id, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: clientOf(r).https, MaxAge: int(door.SessionLife / time.Second),
	}
}

// see sends the browser from the form to the page, by a relative reference: a
// proxy may have put us under a path that we do not know.
func see(w http.ResponseWriter, page string) {
	w.Header().Set("Location", page)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// form shows the form, and why again.
func (g *gate) form(w http.ResponseWriter, r *http.Request, status int, refusal *door.Refusal) {
	var view loginView
	if refusal != nil {
		view.Wrong, view.Wait = refusal.Wrong, seconds(refusal.Wait)
	}
	g.show(w, r, status, view)
}

func (g *gate) show(w http.ResponseWriter, r *http.Request, status int, view loginView) {
	view.Words = loginWordsFor(r.Header.Get("Accept-Language"))
	view.Root = wayToRoot(r)
	view.Embed = inFrame(r)
	view.Title = view.Words.Title
	switch {
	case view.Who != "":
		view.Title = view.Words.Member
	case g.door.Empty() && clientOf(r).hidden:
		view.Hint = view.Words.Proxy
	case g.door.Empty():
		view.Hint = view.Words.Empty
	}
	var page bytes.Buffer
	if err := loginPage.Execute(&page, view); err != nil {
		refuse(w, status, "Log in at /login.\n")
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a client that has gone needs no answer
}
