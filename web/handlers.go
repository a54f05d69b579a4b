package web

import (
	"context"
	"net/http"
	"sync"
)

// handlers counts the running handlers, those that took their connection over
// among them. The zero value is ready; safe for concurrent use.
type handlers struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // made by wait, closed by the last handler to end
}

func (h *handlers) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.add(1)
		defer h.add(-1)
		next.ServeHTTP(w, r)
	})
}

func (h *handlers) add(d int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n += d
	if h.n == 0 && h.idle != nil {
		close(h.idle)
		h.idle = nil
	}
}

// wait returns when no handler runs or ctx is done, with the number that still
// do. It is called once, after the last request was accepted.
func (h *handlers) wait(ctx context.Context) int {
	h.mu.Lock()
	if h.n == 0 {
		h.mu.Unlock()
		return 0
	}
	idle := make(chan struct{})
	h.idle = idle
	h.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n
}
