package problem

import (
	"encoding/json"
	"net/http"
)

// Type is the media type.
const Type = "application/problem+json"

// Details are what a client is told. The type of the problem is about:blank, which
// says that the status does (RFC 9457, section 4.2.1).
type Details struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	// Detail tells a person what is wrong with this request, and what to do.
	Detail string `json:"detail,omitempty"`
	// Errors say of single members of the request what is wrong with them.
	Errors map[string]string `json:"errors,omitempty"`
}

// Write ends a request with a problem; the title is the status'. A header that is
// set stays.
func Write(w http.ResponseWriter, d Details) {
	d.Title = http.StatusText(d.Status)
	body, err := json.Marshal(d)
	if err != nil {
		panic("problem: " + err.Error()) // text only
	}
	w.Header().Set("Content-Type", Type)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(d.Status)
	_, _ = w.Write(append(body, '\n')) // a client that has gone needs no answer
}
