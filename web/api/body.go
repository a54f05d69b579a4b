package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is of a request. What is in front of the handler may allow less.
const maxBody = 64 << 10

// read reads a body of one JSON object without members that body has not, or
// answers what is wrong with it.
func read(w http.ResponseWriter, r *http.Request, body any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		w.Header().Set("Accept", "application/json")
		fail(w, http.StatusUnsupportedMediaType, "want a body of type application/json")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(body)
	if err == nil {
		if _, err = d.Token(); err == nil {
			err = errors.New("more than one JSON object")
		} else if errors.Is(err, io.EOF) {
			return true
		}
	}
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("want at most %d bytes", tooLong.Limit))
		return false
	}
	fail(w, http.StatusBadRequest, "body: "+strings.TrimPrefix(err.Error(), "json: "))
	return false
}

// changeBody is a Change as it comes.
type changeBody struct {
	Reset   bool             `json:"reset"`
	Default []string         `json:"default"`
	Set     map[string]value `json:"set"`
}

// value is a control's: a whole number, as text too, as not every client's numbers
// have 64 bits; or true or false for 1 or 0.
type value int64

// UnmarshalJSON implements json.Unmarshaler.
func (v *value) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		*v = 1
	case "false":
		*v = 0
	default:
		n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
		if err != nil {
			return fmt.Errorf("%.40s is no value of a control: want a whole number, true or false", text)
		}
		*v = value(n)
	}
	return nil
}

func (b changeBody) change() (Change, error) {
	c := Change{Reset: b.Reset, Default: b.Default, Set: map[string]int64{}}
	for key, v := range b.Set {
		c.Set[key] = int64(v)
	}
	for _, key := range c.Default {
		if _, both := c.Set[key]; both {
			return c, fmt.Errorf("%.40q: is both to be set and to get its default", key)
		}
	}
	if !c.Reset && len(c.Default) == 0 && len(c.Set) == 0 {
		return c, errors.New(`nothing to do: want "set", "default" or "reset"`)
	}
	return c, nil
}
