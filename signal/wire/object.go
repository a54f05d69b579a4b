package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// object is a JSON object whose members are read one at a time. After the
// first failure, err, what is read has no meaning. Unlike encoding/json it
// tells upper from lower case, and refuses a name that comes twice.
type object struct {
	name    string // for errors
	members map[string]json.RawMessage
	err     *signal.Error
}

// parse reads text, which has to be one object and nothing else.
func parse(name string, text []byte) *object {
	o := &object{name: name}
	if !json.Valid(text) {
		o.fail(signal.BadMessage, "not JSON")
		return o
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, _ := d.Token(); open != json.Delim('{') {
		o.fail(signal.BadMessage, "want a JSON object")
		return o
	}
	o.members = make(map[string]json.RawMessage)
	for d.More() {
		key, _ := d.Token()
		member, _ := key.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			o.fail(signal.BadMessage, "%v", err)
			return o
		}
		if _, twice := o.members[member]; twice {
			o.fail(signal.BadMessage, "%q comes twice", member)
			return o
		}
		o.members[member] = value
	}
	return o
}

// fail notes what is wrong, unless something was before.
func (o *object) fail(code signal.Code, format string, args ...any) {
	if o.err == nil {
		o.err = signal.Errorf(code, o.name+": "+format, args...)
	}
}

// adopt takes over the failure of an object within this one.
func (o *object) adopt(inner *object) {
	if o.err == nil {
		o.err = inner.err
	}
}

// has tells whether there is such a member, and it is not null.
func (o *object) has(name string) bool {
	value, ok := o.members[name]
	return ok && !bytes.Equal(value, []byte("null"))
}

// text is a string member that has to be there and not be empty.
func (o *object) text(name string, limit int) string {
	s := o.optional(name, limit)
	if s == "" {
		o.fail(signal.BadMessage, "%s: want a string that is not empty", name)
	}
	return s
}

// optional is a string member, empty if it is not there or null.
func (o *object) optional(name string, limit int) string {
	s := o.nullable(name, limit)
	if s == nil {
		return ""
	}
	return *s
}

// nullable is a string member, nil if it is not there or null.
func (o *object) nullable(name string, limit int) *string {
	if !o.has(name) {
		return nil
	}
	var s string
	if json.Unmarshal(o.members[name], &s) != nil {
		o.fail(signal.BadMessage, "%s: want a string", name)
		return nil
	}
	if len(s) > limit {
		o.fail(signal.TooLong, "%s: more than %d bytes", name, limit)
		return nil
	}
	return &s
}

// index is a member from 0 to 65535, nil if it is not there or null.
func (o *object) index(name string) *uint16 {
	if !o.has(name) {
		return nil
	}
	var n uint16
	if json.Unmarshal(o.members[name], &n) != nil {
		o.fail(signal.BadMessage, "%s: want an integer from 0 to 65535", name)
		return nil
	}
	return &n
}

// count is an integer member from 0 to limit, 0 if it is not there or null.
func (o *object) count(name string, limit uint64) uint64 {
	var n uint64
	if o.has(name) && (json.Unmarshal(o.members[name], &n) != nil || n > limit) {
		o.fail(signal.BadMessage, "%s: want an integer from 0 to %d", name, limit)
		return 0
	}
	return n
}

// number is a member from 0 to limit, 0 if it is not there or null.
func (o *object) number(name string, limit float64) float64 {
	var n float64
	if o.has(name) && (json.Unmarshal(o.members[name], &n) != nil || n < 0 || n > limit) {
		o.fail(signal.BadMessage, "%s: want a number from 0 to %g", name, limit)
		return 0
	}
	return n
}

// duration is a member in milliseconds, 0 if it is not there or null.
func (o *object) duration(name string) time.Duration {
	return time.Duration(math.Round(o.number(name, 1e9) * float64(time.Millisecond)))
}

// flag is a member that has to be true or false.
func (o *object) flag(name string) (on bool) {
	if o.has(name) && json.Unmarshal(o.members[name], &on) == nil {
		return on
	}
	o.fail(signal.BadMessage, "%s: want true or false", name)
	return false
}

// list is a member that has to be an array of at most so many objects; none if
// it is not there or null.
func (o *object) list(name string, limit int) (all []*object) {
	if !o.has(name) {
		return nil
	}
	var texts []json.RawMessage
	if json.Unmarshal(o.members[name], &texts) != nil {
		o.fail(signal.BadMessage, "%s: want an array", name)
		return nil
	}
	if len(texts) > limit {
		o.fail(signal.TooLong, "%s: more than %d", name, limit)
		return nil
	}
	for _, text := range texts {
		all = append(all, parse(name, text))
	}
	return all
}

// object is a member that has to be an object.
func (o *object) object(name string) *object {
	if o.err != nil || !o.has(name) {
		inner := &object{name: name}
		inner.fail(signal.BadMessage, "want an object")
		return inner
	}
	return parse(name, o.members[name])
}
