package whep

import (
	"errors"
	"net/url"
	"strings"
)

// ICEServer is a STUN or TURN server for players.
type ICEServer struct {
	URL                string // as RFC 7064 and RFC 7065 have it
	Username, Password string // of TURN
}

// ParseICEServer reads stun:HOST[:PORT] or turn:USER:PASSWORD@HOST[:PORT], with
// stuns and turns for TLS and ?transport= behind it. User name and password are
// percent-encoded where they need it.
func ParseICEServer(text string) (ICEServer, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	login, rest, hasLogin := cutLast(rest, "@")
	host, query, _ := strings.Cut(rest, "?")
	if u, err := url.Parse("//" + host); err != nil || u.Hostname() == "" || u.Host != host || strings.ContainsAny(host, "<>\"\\, ") {
		return ICEServer{}, errors.New("want a host")
	}
	s := ICEServer{URL: scheme + ":" + rest}
	switch scheme {
	case "stun", "stuns":
		if hasLogin || query != "" {
			return ICEServer{}, errors.New("want no more than host and port for STUN")
		}
		return s, nil
	case "turn", "turns":
	default:
		return ICEServer{}, errors.New("want stun:, stuns:, turn: or turns: and a host")
	}
	if query != "" && query != "transport=udp" && query != "transport=tcp" {
		return ICEServer{}, errors.New("want ?transport=udp or ?transport=tcp")
	}
	user, password, _ := strings.Cut(login, ":")
	var errUser, errPassword error
	s.Username, errUser = url.PathUnescape(user)
	s.Password, errPassword = url.PathUnescape(password)
	if errUser != nil || errPassword != nil || s.Username == "" || s.Password == "" || hasControl(s.Username+s.Password) {
		return ICEServer{}, errors.New("want USER:PASSWORD@ before the host of a TURN server")
	}
	return s, nil
}

// hasControl reports whether s has what a header cannot carry.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}

// cutLast is strings.Cut at the last sep; without one, all is after it.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// link is the server as RFC 9725 section 4.6 has it.
func (s ICEServer) link() string {
	out := "<" + s.URL + `>; rel="ice-server"`
	if s.Username != "" {
		out += `; username=` + quoted(s.Username) + `; credential=` + quoted(s.Password) + `; credential-type="password"`
	}
	return out
}

// quoted is a quoted-string (RFC 9110 section 5.6.4).
func quoted(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
