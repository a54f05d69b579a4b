package main

import (
	"strings"
	"testing"
)

// attack is a row of the table. It is made on a pushcam that takes a password,
// while somebody watches who has it; or, where it says open, on one without any
// flags, whose camera everybody on the network may see and nobody looks at.
type attack struct {
	name string
	open bool
	// request is sent as it stands, with | for the ends of lines. {host} is the
	// program's own, {session} the header with a viewer's cookie, {token} that
	// with a viewer's token, {resource} the path of the watcher's WHEP session.
	request string
	status  int
	not     string // must not be in the answer
	// run is for what takes more than one request.
	run func(*testing.T, *target)
	// lasts: run waits for time to pass, beside others that do.
	lasts bool
}

const (
	upgrade  = "Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
	form     = "Content-Type: application/x-www-form-urlencoded"
	evil     = "Origin: https://evil.example"
	noCookie = "Cookie: {cookie}="
)

// attacks is the table.
var attacks = []attack{
	{name: "cross-origin WebSocket, from a page that a neighbour opens", open: true, status: 403,
		request: "GET /ws HTTP/1.1|Host: {host}|" + upgrade + "|" + evil},
	{name: "cross-origin WebSocket, with the visitor's cookie", status: 403,
		request: "GET /ws HTTP/1.1|Host: {host}|" + upgrade + "|" + evil + "|{session}"},
	{name: "cross-origin WebSocket, from a sandboxed frame", open: true, status: 403,
		request: "GET /ws HTTP/1.1|Host: {host}|" + upgrade + "|Origin: null"},
	{name: "cross-origin WebSocket, with two origins", open: true, status: 403,
		request: "GET /ws HTTP/1.1|Host: {host}|" + upgrade + "|Origin: http://{host}|" + evil},
	{name: "cross-origin WHEP", open: true, status: 403,
		request: "POST /whep HTTP/1.1|Host: {host}|" + evil + "|Content-Type: application/sdp|Content-Length: 3||v=0"},
	{name: "cross-origin fetch, with the visitor's cookie", status: 403,
		request: "GET /snapshot HTTP/1.1|Host: {host}|" + evil + "|{session}"},
	{name: "cross-origin image", open: true, status: 403,
		request: "GET /stream HTTP/1.1|Host: {host}|Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors"},
	{name: "cross-origin login", status: 403,
		request: "POST /login HTTP/1.1|Host: {host}|" + evil + "|" + form + "|Content-Length: 22||password=sesame-viewer"},
	{name: "cross-origin logout", status: 403,
		request: "POST /logout HTTP/1.1|Host: {host}|" + evil + "|{session}|Content-Length: 0"},
	{name: "cross-origin question, answered for nobody", status: 403,
		request: "OPTIONS /whep HTTP/1.1|Host: {host}|" + evil + "|Access-Control-Request-Method: POST", not: "Access-Control-Allow"},

	{name: "rebinding Host", open: true, status: 421,
		request: "GET /snapshot HTTP/1.1|Host: evil.example"},
	{name: "rebinding Host, WebSocket of its own origin", open: true, status: 421,
		request: "GET /ws HTTP/1.1|Host: evil.example|" + upgrade + "|Origin: http://evil.example"},
	{name: "rebinding Host, with the cookie", status: 421,
		request: "GET /snapshot HTTP/1.1|Host: evil.example|{session}"},
	{name: "rebinding Host that begins with an address", open: true, status: 421,
		request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1.evil.example"},
	{name: "rebinding Host behind an address", open: true, status: 400,
		request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1@evil.example"},
	{name: "rebinding Host as an absolute target", open: true, status: 421,
		request: "GET http://evil.example/snapshot HTTP/1.1|Host: {host}"},
	{name: "rebinding Host beside ours", open: true, status: 400,
		request: "GET /snapshot HTTP/1.1|Host: {host}|Host: evil.example"},
	{name: "rebinding Host that a proxy is said to have got", open: true, status: 421,
		request: "GET /snapshot HTTP/1.1|Host: evil.example|X-Forwarded-Host: {host}"},
	{name: "no Host", open: true, status: 421, request: "GET /snapshot HTTP/1.0"},

	{name: "brute force", run: bruteForce},
	{name: "brute force from everywhere", run: distributedBruteForce},

	{name: "session fixation", run: sessionFixation},
	{name: "session made up", status: 401,
		request: "GET /snapshot HTTP/1.1|Host: {host}|Cookie: {cookie}=AAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	{name: "session that is empty", status: 401, request: "GET /snapshot HTTP/1.1|Host: {host}|" + noCookie},

	{name: "path traversal", status: 307,
		request: "GET /../../etc/passwd HTTP/1.1|Host: {host}|{session}", not: "root:"},
	{name: "path traversal, encoded", status: 404,
		request: "GET /%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1|Host: {host}|{session}", not: "root:"},
	{name: "path traversal, encoded twice", status: 404,
		request: "GET /%252e%252e%252fetc%252fpasswd HTTP/1.1|Host: {host}|{session}", not: "root:"},
	{name: "path traversal, with backslashes", status: 404,
		request: "GET /..\\..\\etc\\passwd HTTP/1.1|Host: {host}|{session}", not: "root:"},
	{name: "path traversal from what is open to what is not", status: 307,
		request: "GET /healthz/../snapshot HTTP/1.1|Host: {host}"},
	{name: "path traversal, encoded, from what is open", status: 404,
		request: "GET /healthz%2f..%2fsnapshot HTTP/1.1|Host: {host}"},
	{name: "path in another spelling", status: 307, request: "GET //snapshot HTTP/1.1|Host: {host}"},
	{name: "path in another case", status: 404, request: "GET /SNAPSHOT HTTP/1.1|Host: {host}"},
	{name: "path with a byte too many", status: 404, request: "GET /snapshot%00 HTTP/1.1|Host: {host}|{session}"},

	{name: "oversized header", status: 431,
		request: "GET / HTTP/1.1|Host: {host}|X: " + strings.Repeat("x", 64<<10)},
	{name: "oversized target", status: 431,
		request: "GET /" + strings.Repeat("x", 64<<10) + " HTTP/1.1|Host: {host}"},
	{name: "oversized form", status: 400,
		request: "POST /login HTTP/1.1|Host: {host}|" + form + "|Content-Length: 9225||password=" + strings.Repeat("x", 9<<10)},
	{name: "oversized form, in chunks", status: 400,
		request: "POST /login HTTP/1.1|Host: {host}|" + form + "|Transfer-Encoding: chunked||2409|password=" + strings.Repeat("x", 9<<10) + "|0||"},
	{name: "oversized offer", status: 413,
		request: "POST /whep HTTP/1.1|Host: {host}|{token}|Content-Type: application/sdp|Content-Length: 999999||" + strings.Repeat("x", 100<<10)},
	{name: "oversized change", status: 413,
		request: "PATCH /api/v1/controls HTTP/1.1|Host: {host}|{operator}|Content-Type: application/json|Content-Length: 999999||" + strings.Repeat(" ", 100<<10)},
	{name: "oversized message", run: oversizedMessage},
	{name: "two lengths", status: 400,
		request: "POST /login HTTP/1.1|Host: {host}|Content-Length: 5|Content-Length: 6||aaaaaa"},

	{name: "slow requests", run: slowRequests, lasts: true},
	{name: "1,000 half-open connections", run: halfOpenConnections, lasts: true},
	{name: "MJPEG client that never reads", run: neverReads, lasts: true},

	{name: "header injection by the path", status: 404,
		request: "GET /a%0d%0aSet-Cookie:%20x=y HTTP/1.1|Host: {host}", not: "\nSet-Cookie"},
	{name: "header injection by a path that is redirected", status: 307,
		request: "GET //a%0d%0aSet-Cookie:%20x=y HTTP/1.1|Host: {host}", not: "\nSet-Cookie"},
	{name: "header injection by the origin", status: 403,
		request: "GET /healthz HTTP/1.1|Host: {host}|" + evil + "%0d%0aSet-Cookie: x=y", not: "\nSet-Cookie"},
	{name: "header injection by the Host", status: 400,
		request: "GET /healthz HTTP/1.1|Host: {host}\rSet-Cookie: x=y", not: "\nSet-Cookie"},
	{name: "header injection by the name of a resource", status: 404,
		request: "PATCH /whep/a%0d%0aSet-Cookie:%20x=y HTTP/1.1|Host: {host}|{token}", not: "\nSet-Cookie"},
	{name: "markup in the path", status: 404,
		request: "GET /<script>alert(1)</script> HTTP/1.1|Host: {host}", not: "<script>alert"},
	{name: "markup in the language", status: 401,
		request: "GET / HTTP/1.1|Host: {host}|Accept: text/html|Accept-Language: <script>", not: "<script>"},

	// That none of it is in the log is seen when all is over.
	{name: "token in URL", status: 401,
		request: "GET /snapshot?access_token=recorder.sesame-token&token=recorder.sesame-token HTTP/1.1|Host: {host}"},
	{name: "token in URL of a WebSocket", status: 401,
		request: "GET /ws?token=recorder.sesame-token HTTP/1.1|Host: {host}|" + upgrade},
	{name: "token in URL of one that has it in the header too", status: 415,
		request: "POST /whep?token=recorder.sesame-token HTTP/1.1|Host: {host}|{token}|Content-Length: 3||v=0"},
	{name: "token in the path", status: 404,
		request: "GET /recorder.sesame-token HTTP/1.1|Host: {host}|Referer: http://{host}/?token=recorder.sesame-token"},
	{name: "password in URL", status: 400,
		request: "POST /login?password=sesame-viewer HTTP/1.1|Host: {host}|" + form + "|Content-Length: 0"},
	{name: "password as the name", status: 401, // sesame-viewer:x
		request: "GET /snapshot HTTP/1.1|Host: {host}|Authorization: Basic c2VzYW1lLXZpZXdlcjp4"},
	{name: "password that is nearly right", status: 401,
		request: "POST /login HTTP/1.1|Host: {host}|" + form + "|Content-Length: 24||password=sesame-viewer-2"},

	{name: "forged resource URL, by a stranger", status: 401, request: "DELETE /whep/AAAAAAAAAAAAAAAAAAAAAAAAAA HTTP/1.1|Host: {host}"},
	{name: "forged resource URL, by a viewer", status: 404, request: "DELETE /whep/AAAAAAAAAAAAAAAAAAAAAAAAAA HTTP/1.1|Host: {host}|{token}"},
	{name: "forged resource URL, with more behind it", status: 404,
		request: "GET {resource}/events/AAAAAAAAAAAAAAAAAAAAAAAAAA HTTP/1.1|Host: {host}|{token}"},
	{name: "forged resource URL, a pattern", status: 404, request: "DELETE /whep/* HTTP/1.1|Host: {host}|{token}"},
	{name: "the watcher's resource, ended by a stranger", status: 401, request: "DELETE {resource} HTTP/1.1|Host: {host}"},
	{name: "the watcher's resource, restarted by a stranger", status: 401,
		request: "PATCH {resource} HTTP/1.1|Host: {host}|If-Match: *|Content-Type: application/trickle-ice-sdpfrag|Content-Length: 0"},
	{name: "the watcher's resource, listened to by a stranger", status: 401, request: "POST {resource}/events HTTP/1.1|Host: {host}|Content-Length: 0"},
	{name: "the watcher's resource, ended by a foreign page", status: 403, request: "DELETE {resource} HTTP/1.1|Host: {host}|" + evil + "|{session}"},

	{name: "WebSocket without a login", status: 401, request: "GET /ws HTTP/1.1|Host: {host}|" + upgrade},
	{name: "WebSocket under any path", status: 401, request: "GET /any/path?pull=me HTTP/1.1|Host: {host}|" + upgrade},
	{name: "WebSocket under a path that is open", status: 401, request: "GET /healthz HTTP/1.1|Host: {host}|" + upgrade},
	{name: "snapshot without a login", status: 401, request: "GET /snapshot HTTP/1.1|Host: {host}"},
	{name: "snapshot by the page's path", status: 401, request: "GET /?action=snapshot HTTP/1.1|Host: {host}"},
	{name: "stream without a login", status: 401, request: "GET /stream HTTP/1.1|Host: {host}"},
	{name: "stream by the page's path", status: 401, request: "GET /?action=stream HTTP/1.1|Host: {host}"},
	{name: "offer without a login", status: 401,
		request: "POST /whep HTTP/1.1|Host: {host}|Content-Type: application/sdp|Content-Length: 3||v=0"},
	{name: "page without a login", status: 401, request: "GET /embed HTTP/1.1|Host: {host}"},
	{name: "numbers without a login", status: 401, request: "GET /metrics HTTP/1.1|Host: {host}"},
	{name: "viewers' names without a login", status: 401, request: "GET /api/v1/viewers HTTP/1.1|Host: {host}"},
	{name: "change by a viewer", status: 403,
		request: "PATCH /api/v1/controls HTTP/1.1|Host: {host}|{token}|Content-Type: application/json|Content-Length: 2||{}"},
	{name: "change on the network", open: true, status: 401, request: "POST /api/v1/keyframe HTTP/1.1|Host: {host}|Content-Length: 0"},
	{name: "method of no kind", status: 401, request: "BREW /snapshot HTTP/1.1|Host: {host}"},
	{name: "method to be overridden", status: 401,
		request: "OPTIONS /snapshot HTTP/1.1|Host: {host}|X-HTTP-Method-Override: GET"},
	{name: "two Authorizations", status: 401,
		request: "GET /snapshot HTTP/1.1|Host: {host}|{token}|{token}"},
	{name: "said to come from this machine", open: true, status: 401,
		request: "GET /snapshot HTTP/1.1|Host: {host}|X-Forwarded-For: 127.0.0.1|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1"},
}

// TestSecurity makes all attacks of the table on the running program. Each is
// answered as it should be, gets no picture and nothing that opens the door,
// and the watcher goes on to see pictures.
func TestSecurity(t *testing.T) {
	site := newTarget(t)
	t.Run("attacks", func(t *testing.T) { // ends with those that last
		for _, a := range attacks {
			t.Run(a.name, func(t *testing.T) {
				switch {
				case a.lasts:
					t.Parallel()
					a.run(t, site)
				case a.run != nil:
					a.run(t, site)
				default:
					site.attack(t, a)
				}
				site.watcher.drain()
				site.watcher.see(t, 1)
			})
		}
	})
	site.wantUnharmed(t)
}
