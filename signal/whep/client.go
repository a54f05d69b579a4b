package whep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pushcam/pushcam/signal"
)

// StatusError is an endpoint's refusal.
type StatusError struct {
	Status int    // of HTTP
	Text   string // the first line of what the endpoint says, may be empty
}

// Error implements error.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Text != "" {
		text += ": " + e.Text
	}
	return text
}

// Client is a player's end of one session. Its methods are called from one
// goroutine.
type Client struct {
	http     *http.Client
	resource string // URL
	etag     string
	answer   string // as it is after the last restart
}

// Dial sends an offer to an endpoint and returns its answer. The http.Client
// bounds what it may take; nil is a new one.
func Dial(ctx context.Context, endpoint, offer string, client *http.Client) (_ *Client, answer string, err error) {
	if client == nil {
		client = &http.Client{}
	}
	c := &Client{http: client, resource: endpoint}
	r, err := c.do(ctx, http.MethodPost, typeSDP, "", offer)
	if err != nil {
		return nil, "", fmt.Errorf("watch %s: %w", endpoint, err)
	}
	location, err := r.from.Parse(r.header.Get("Location"))
	switch {
	case r.status != http.StatusCreated:
		return nil, "", fmt.Errorf("watch %s: want 201 and an answer, not %d: is this a WHEP endpoint?", endpoint, r.status)
	case err != nil || r.header.Get("Location") == "" || !isHTTP(location):
		return nil, "", fmt.Errorf("watch %s: the server does not say where the session is: is this a WHEP endpoint?", endpoint)
	}
	c.resource, c.etag, c.answer = location.String(), r.header.Get("ETag"), r.body
	return c, r.body, nil
}

func isHTTP(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// URL is the session's.
func (c *Client) URL() string { return c.resource }

// Trickle tells of our candidates.
func (c *Client) Trickle(ctx context.Context, candidates ...signal.Candidate) error {
	lines := []string{}
	for _, candidate := range candidates {
		mid := "0"
		if candidate.SDPMid != nil {
			mid = *candidate.SDPMid
		}
		lines = append(lines, "m=video 9 UDP/TLS/RTP/SAVPF 0", "a=mid:"+mid, "a="+candidate.Candidate)
	}
	if _, err := c.do(ctx, http.MethodPatch, typeFragment, c.etag, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		return fmt.Errorf("send candidates: %w", err)
	}
	return nil
}

// Restart tells of an ICE restart, for which there is a new offer, and returns
// the answer.
func (c *Client) Restart(ctx context.Context, offer string) (answer string, err error) {
	r, err := c.do(ctx, http.MethodPatch, typeFragment, "*", fragmentOf(offer))
	if err != nil {
		return "", fmt.Errorf("restart ICE: %w", err)
	}
	f, err := parseFragment(r.body)
	if err == nil && (len(f.credentials) == 0 || f.credentials[0].password == "") {
		err = errors.New("no credentials in it")
	}
	if err != nil {
		return "", fmt.Errorf("restart ICE: the server's fragment cannot be read: %w", err)
	}
	c.etag, c.answer = r.header.Get("ETag"), withFragment(c.answer, f)
	return c.answer, nil
}

// Close ends the session. One that has ended already is no error.
func (c *Client) Close(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodDelete, "", "", "")
	var refused *StatusError
	if err == nil || errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil
	}
	return fmt.Errorf("end session: %w", err)
}

// reply is what a server sends back.
type reply struct {
	from   *url.URL // after redirects
	status int
	header http.Header
	body   string
}

// do sends a request and returns what came, which is an error unless it is 2xx.
func (c *Client) do(ctx context.Context, method, contentType, etag, body string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.resource, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if etag != "" {
		request.Header.Set("If-Match", etag)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return reply{}, err
	}
	if response.StatusCode/100 != 2 {
		return reply{}, &StatusError{Status: response.StatusCode, Text: firstLine(text)}
	}
	return reply{response.Request.URL, response.StatusCode, response.Header, string(text)}, nil
}

// firstLine is what a person can be shown of an answer.
func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	const most = 300
	return strings.ToValidUTF8(strings.TrimSpace(string(line[:min(len(line), most)])), "")
}
