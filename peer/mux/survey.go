package mux

import (
	"sync"
	"time"

	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
)

// surveyFor is how long it counts what the system has told of its interfaces. To
// ask costs more than all else in an offer, and many viewers may come at once;
// one who comes just before a network does, comes again.
const surveyFor = time.Second

// survey is the machine's interfaces and their addresses.
type survey struct {
	mu   sync.Mutex
	net  *stdnet.Net // never changed, but replaced
	made time.Time
}

// take returns one that is new enough, or nil when the system does not tell.
func (s *survey) take(now time.Time) *stdnet.Net {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.net != nil && now.Sub(s.made) < surveyFor {
		return s.net
	}
	n, err := stdnet.NewNet()
	if err != nil {
		return s.net // an interface went away just now
	}
	s.net, s.made = n, now
	return n
}

// Net is the machine's interfaces as ICE sees them, of this second. Nil says that
// they are not known.
func (m *Mux) Net() transport.Net {
	if n := m.survey.take(time.Now()); n != nil {
		return n
	}
	return nil
}
