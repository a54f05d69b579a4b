package peer

import (
	"net"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/peer/mux"
)

// TestTransports connects through the real sockets: a viewer that UDP reaches,
// and one that only TCP does.
func TestTransports(t *testing.T) {
	for _, tt := range []struct {
		name  string
		types webrtc.NetworkType
	}{
		{"UDP", webrtc.NetworkTypeUDP4},
		{"TCP", webrtc.NetworkTypeTCP4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loopback := loopbackInterface(t)
			network, err := mux.Listen(mux.Config{Interfaces: []string{loopback}, Log: NewLibraryLog(discard, "ice")})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := network.Close(); err != nil {
					t.Error(err)
				}
			})
			r := newRig(t, testOptions{network: network})
			s, w := r.open(t), newWatchingOver(t, tt.types)
			if err := negotiate(t.Context(), s, w); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				w.picture(t)
			}
			if lost := w.Stats().PacketsLost; lost != 0 {
				t.Errorf("%d packets lost", lost)
			}
		})
	}
}

func loopbackInterface(t *testing.T) string {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	t.Fatal("no loopback interface")
	return ""
}
