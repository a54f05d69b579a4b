package wstest

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// Relay is a relay between one pusher and its viewers, at any path, as the old
// ones are: it forwards whatever a viewer sends to the pusher, and what the
// pusher sends to the viewer it names. When any socket closes it forgets who
// the pusher is, and says so to nobody. It shares no code with the packages
// that are tested against it.
type Relay struct {
	upgrader websocket.Upgrader
	running  sync.WaitGroup

	mu      sync.Mutex
	pusher  *websocket.Conn
	viewers map[string]*websocket.Conn      // by id
	sockets map[*websocket.Conn]*sync.Mutex // held while writing
	inits   int
}

var _ http.Handler = (*Relay)(nil)

// NewRelay returns a Relay that nobody is connected to.
func NewRelay() *Relay {
	return &Relay{
		upgrader: websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }},
		viewers:  make(map[string]*websocket.Conn),
		sockets:  make(map[*websocket.Conn]*sync.Mutex),
	}
}

// ServeHTTP implements http.Handler.
func (r *Relay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.running.Add(1)
	defer r.running.Done()
	socket, err := r.upgrader.Upgrade(w, request, nil)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.sockets[socket] = new(sync.Mutex)
	r.mu.Unlock()
	for {
		_, text, err := socket.ReadMessage()
		if err != nil {
			break
		}
		r.route(socket, text)
	}
	r.forget(socket)
}

// Inits is how often a pusher has announced itself.
func (r *Relay) Inits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inits
}

// HasPusher tells whether the relay knows who the pusher is.
func (r *Relay) HasPusher() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pusher != nil
}

// Close cuts all connections, as when the relay's process ends, and waits for
// their handlers.
func (r *Relay) Close() {
	r.mu.Lock()
	for socket := range r.sockets {
		_ = socket.Close()
	}
	r.mu.Unlock()
	r.running.Wait()
}

func (r *Relay) route(from *websocket.Conn, text []byte) {
	var m struct{ Type, ID string }
	if json.Unmarshal(text, &m) != nil {
		return
	}
	r.mu.Lock()
	to := r.pusher
	switch {
	case m.Type == "push_init":
		r.pusher, to = from, nil
		r.inits++
	case from == r.pusher:
		to = r.viewers[m.ID]
	case m.Type == "pull_init":
		r.viewers[m.ID] = from
	}
	lock := r.sockets[to]
	r.mu.Unlock()
	if lock == nil {
		return
	}
	lock.Lock()
	defer lock.Unlock()
	_ = to.WriteMessage(websocket.TextMessage, text)
}

func (r *Relay) forget(socket *websocket.Conn) {
	_ = socket.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pusher = nil
	delete(r.sockets, socket)
	for id, s := range r.viewers {
		if s == socket {
			delete(r.viewers, id)
		}
	}
}
