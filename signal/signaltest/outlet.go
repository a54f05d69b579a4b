package signaltest

import (
	"sync"

	"github.com/pushcam/pushcam/signal"
)

// Outlet records what a conversation says. The zero value is ready.
type Outlet struct {
	mu   sync.Mutex
	sent []signal.Message
}

var _ signal.Outlet = (*Outlet)(nil)

// Send implements signal.Outlet.
func (o *Outlet) Send(m signal.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
}

// Take returns what was sent since the last Take.
func (o *Outlet) Take() []signal.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	sent := o.sent
	o.sent = nil
	return sent
}
