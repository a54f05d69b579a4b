package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pushcam/pushcam/web/api"
	"github.com/pushcam/pushcam/web/door"
)

// Opening says who may look without logging in.
type Opening int

// The openings. Changing anything always takes an operator.
const (
	OpenLAN Opening = iota // whoever is on this machine's network
	OpenAll
	OpenNone
)

// gate finds out who asks, and whether they may.
type gate struct {
	door    *door.Door
	opening Opening
	lan     lan
	origin  *http.CrossOriginProtection
}

func newGate(c Config) (*gate, error) {
	g := &gate{door: c.Door, opening: c.Open, origin: http.NewCrossOriginProtection()}
	if g.door == nil {
		var err error
		if g.door, err = door.New(door.Config{}); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// guard lets those pass to a route's handler who may.
func (g *gate) guard(rt route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A browser's question whether a foreign page may ask comes without
		// anything that could tell who it is, and is no secret.
		if rt.foreign && r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		if err := g.changes(rt, r); err != nil {
			refuse(w, http.StatusForbidden, "Only pushcam's own page can do that, and this request comes from another.\n"+
				"A proxy has to pass on the Host, with its port.\n")
			return
		}
		least := rt.leastFor(r.Method)
		if g.anonymous(clientOf(r)) >= least {
			next.ServeHTTP(w, r)
			return
		}
		visitor, err := g.visitor(r)
		if visitor.Role < least {
			g.refuse(w, r, visitor, err)
			return
		}
		if visitor.session != "" {
			ctx, release, ok := g.door.Hold(r.Context(), visitor.session)
			if !ok { // it has ended since
				g.refuse(w, r, visitor, nil)
				return
			}
			defer release()
			r = r.WithContext(context.WithValue(ctx, loginKey{}, func(ctx context.Context) (context.Context, func(), bool) {
				return g.door.Hold(ctx, visitor.session)
			}))
		}
		next.ServeHTTP(w, r)
	})
}

// loginKey's value in a request's context is a function like door.Hold, if the
// request is part of a login.
type loginKey struct{}

// LoginOf is for what a request begins and leaves behind: a context that ends
// with the login that the request is part of, at once if that has ended already,
// and never without one. release has to be called when it is not needed any more.
func LoginOf(r *http.Request) (login context.Context, release func()) {
	ctx := context.WithoutCancel(r.Context())
	hold, _ := r.Context().Value(loginKey{}).(func(context.Context) (context.Context, func(), bool))
	if hold == nil {
		return ctx, func() {}
	}
	login, release, ok := hold(ctx)
	if !ok {
		over, end := context.WithCancelCause(ctx)
		end(door.ErrOver)
		return over, release
	}
	return login, release
}

// changes is an error if a page of another origin wants to change something by
// who is logged in, be it another port of this host: cookies do not tell them
// apart. To look is what such a page may; see Policy.
func (g *gate) changes(rt route, r *http.Request) error {
	if rt.foreign && rt.leastFor(r.Method) < door.Operator || isBearer(r) {
		return nil // by a token, which no browser adds by itself
	}
	return g.origin.Check(r)
}

// anonymous is what somebody may who does not say who they are.
func (g *gate) anonymous(c client) door.Role {
	if g.opening == OpenAll || g.opening == OpenLAN && g.near(c) {
		return door.Viewer
	}
	return door.Nobody
}

// near reports whether somebody is on this machine's network.
func (g *gate) near(c client) bool { return !c.hidden && g.lan.near(c.addr) }

// check is the door's Check.
func (g *gate) check(r *http.Request, name, secret string) (door.Visitor, error) {
	c := clientOf(r)
	return g.door.Check(r.Context(), door.Caller{Addr: c.addr, Near: g.near(c)}, name, secret)
}

// visitor is somebody who has said who they are.
type visitor struct {
	door.Visitor
	session string // its id, "" without one
}

// visitor is who the request says it is from: by a session, or by a name and
// secret. Its error is Check's; who says nothing is nobody.
func (g *gate) visitor(r *http.Request) (visitor, error) {
	for _, cookie := range r.CookiesNamed(cookieName(r)) { // another page of this host may have set one
		if v, ok := g.door.Session(cookie.Value); ok {
			return visitor{v, cookie.Value}, nil
		}
	}
	name, secret, ok := credentials(r)
	if !ok {
		return visitor{}, nil
	}
	v, err := g.check(r, name, secret)
	return visitor{Visitor: v}, err
}

// asks is who a request is from, as the API tells them.
func (g *gate) asks(r *http.Request) api.Visitor {
	role := g.anonymous(clientOf(r))
	v, err := g.visitor(r)
	if err == nil {
		role = max(role, v.Role)
	}
	return api.Visitor{Role: role.String(), Operator: role >= door.Operator, Login: !g.door.Empty(), Session: v.session != ""}
}

// credentials reads "Basic" (RFC 7617), and "Bearer NAME.SECRET" (RFC 6750).
func credentials(r *http.Request) (name, secret string, ok bool) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", "", false
	}
	if name, secret, ok = r.BasicAuth(); ok {
		return name, secret, true
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	name, secret, ok = strings.Cut(strings.TrimSpace(token), ".")
	return name, secret, ok && name != "" && strings.EqualFold(scheme, "Bearer")
}

// isBearer reports whether the request is as a program with a token sends it.
func isBearer(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && len(r.CookiesNamed(cookieName(r))) == 0
}

// cookieName has the port in it: cookies are of a host, on which there may be
// several pushcams.
func cookieName(r *http.Request) string {
	addr, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if addr == nil {
		return "pushcam"
	}
	_, port, _ := net.SplitHostPort(addr.String())
	return "pushcam_" + port
}

// refuse asks for what is missing: people by a form, programs by a status.
func (g *gate) refuse(w http.ResponseWriter, r *http.Request, visitor visitor, err error) {
	status := http.StatusUnauthorized
	var refusal *door.Refusal
	switch {
	case errors.Is(err, context.Canceled):
		return // nobody waits for the answer
	case errors.As(err, &refusal):
		status = refusalStatus(w.Header(), refusal)
	case visitor.Role > door.Nobody && (r.Method != http.MethodGet || !isBrowser(r)):
		refuse(w, http.StatusForbidden, "This takes an operator.\n")
		return
	}
	if status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Bearer realm="pushcam"`)
		if !isBrowser(r) { // which would ask in a window of its own
			w.Header().Add("WWW-Authenticate", `Basic realm="pushcam", charset="UTF-8"`)
		}
	}
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		g.form(w, r, status, refusal)
		return
	}
	text := "pushcam has to know who you are: a name and a password, or a token.\n"
	if refusal != nil {
		text = fmt.Sprintf("pushcam does not let you in: %v.\n", refusal)
	}
	refuse(w, status, text)
}

// refusalStatus is 401 for who may try again now, else 429 with the time.
func refusalStatus(h http.Header, refusal *door.Refusal) int {
	if refusal.Wait <= 0 {
		return http.StatusUnauthorized
	}
	h.Set("Retry-After", strconv.Itoa(seconds(refusal.Wait)))
	return http.StatusTooManyRequests
}

// seconds rounds up: whoever comes back then is not too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// isBrowser goes by the name that all of them have had since 1994. The headers
// that tell better are left out on plain http.
func isBrowser(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("User-Agent"), "Mozilla/")
}
