package web

import "net/http"

// What pages of other origins may send to an interface that is shared with
// them, and see of its answers.
const (
	sharedMethods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
	sharedHeaders = "Authorization, Content-Type, If-Match"
	sharedAnswers = "Accept-Patch, Accept-Post, ETag, Link, Location, Retry-After"
	sharedSeconds = "600" // that a browser need not ask again
)

// shared answers browsers that ask whether a page of another origin may use next
// (Fetch, section 3.3). Whose page may not has been refused before. Cookies stay
// out: such a page has to bring what it is allowed by itself.
func shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", sharedAnswers)
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", sharedMethods)
				h.Set("Access-Control-Allow-Headers", sharedHeaders)
				h.Set("Access-Control-Max-Age", sharedSeconds)
			}
		}
		next.ServeHTTP(w, r)
	})
}
