package mux

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"

	"github.com/pushcam/pushcam/peer/udp"
)

// TCPOff as Config.TCPPort means that no TCP port is opened.
const TCPOff = -1

// Config says what to open.
type Config struct {
	// UDPPort and TCPPort may be 0 for any free port.
	UDPPort, TCPPort int
	// Interfaces are the names of the networks to offer; none means all.
	Interfaces []string
	// Log takes the complaints of the ICE library, and for debugging what the
	// system gave. Nil is that library's own.
	Log logging.LeveledLogger
}

// Mux is the two open sockets. It is safe for use by any goroutine.
type Mux struct {
	cfg  Config
	conn *udp.Conn
	udp  *port              // owns conn
	tcp  *ice.TCPMuxDefault // nil when off

	survey survey
}

// udpBuffer is asked of the kernel for either direction: all packets of a
// keyframe for all viewers leave at once. The kernel may grant less.
const udpBuffer = 4 << 20

// tcpWriteBuffer bounds what waits for one viewer over TCP, in bytes; beyond
// it packets are dropped. It is about a second of video.
const tcpWriteBuffer = 512 << 10

// tcpSendBuffer is what the kernel may hold of it besides. By itself it takes
// megabytes, which are seconds of pictures that are late.
const tcpSendBuffer = 64 << 10

// tcpPatience is how long a TCP connection may be without a viewer.
const tcpPatience = 10 * time.Second

// Listen opens the sockets. Its errors name the flag that chose the port.
func Listen(cfg Config) (*Mux, error) {
	if cfg.Log == nil {
		cfg.Log = logging.NewDefaultLoggerFactory().NewLogger("ice")
	}
	socket, err := net.ListenUDP("udp", &net.UDPAddr{Port: cfg.UDPPort})
	if err != nil {
		return nil, fmt.Errorf("listen on UDP port %d: %w (is pushcam running already? choose another with --media-port)", cfg.UDPPort, err)
	}
	conn, err := udp.New(socket)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on UDP port %d: %w", cfg.UDPPort, err), socket.Close())
	}
	// Smaller buffers only drop sooner under load.
	send, receive := conn.SetBuffers(udpBuffer)
	m := &Mux{cfg: cfg, conn: conn, udp: newPort(conn, cfg.Log)}
	cfg.Log.Debugf("UDP port %d: pictures are sent %v, buffers of %d bytes to send and %d to receive (%d asked)",
		m.UDPPort(), conn.Stats().Way, send, receive, udpBuffer)
	if cfg.TCPPort == TCPOff {
		return m, nil
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{Port: cfg.TCPPort})
	if err != nil {
		return nil, errors.Join(
			fmt.Errorf("listen on TCP port %d: %w (is pushcam running already? choose another with --ice-tcp-port)", cfg.TCPPort, err),
			m.Close())
	}
	m.tcp = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener:        bounded{listener},
		Logger:          cfg.Log,
		ReadBufferSize:  8, // packets; a viewer sends little
		WriteBufferSize: tcpWriteBuffer,
		// Who says nothing, or names a viewer that there is not, is cut off.
		FirstStunBindTimeout:         tcpPatience,
		AliveDurationForConnFromStun: tcpPatience,
	})
	return m, nil
}

// bounded is a listener whose connections have a small send buffer.
type bounded struct{ *net.TCPListener }

// Accept implements net.Listener.
func (l bounded) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	_ = conn.SetWriteBuffer(tcpSendBuffer) // without it pictures are only later
	return conn, nil
}

// Missing lists the configured Interfaces that this machine does not have now. A
// USB adapter may come later, so they are no error; but nobody finds the camera
// through a name that is misspelt.
func (m *Mux) Missing() []string {
	var missing []string
	for _, name := range m.cfg.Interfaces {
		if _, err := net.InterfaceByName(name); err != nil {
			missing = append(missing, name)
		}
	}
	return missing
}

// Offers reports whether the interface of this name is to be offered.
func (m *Mux) Offers(name string) bool {
	return len(m.cfg.Interfaces) == 0 || slices.Contains(m.cfg.Interfaces, name)
}

// UDP is the media port as ICE uses it. With loopback the machine's own
// loopback addresses are offered too, for a viewer on this machine.
func (m *Mux) UDP(loopback bool) ice.UDPMux {
	return offering{port: m.udp, mux: m, loopback: loopback}
}

// UDPStats is what has gone out of the UDP port so far.
func (m *Mux) UDPStats() udp.Stats { return m.conn.Stats() }

// TCP is the TCP port as ICE uses it, nil when it is off.
func (m *Mux) TCP() ice.TCPMux {
	if m.tcp == nil {
		return nil
	}
	return m.tcp
}

// Settle is told that a viewer has come over UDP. What has heard nothing of it
// until then, over the other IP version or over TCP, is ended: each waits with a
// goroutine. Should the viewer's path end, it comes anew.
func (m *Mux) Settle(user string) {
	m.udp.settle(user)
	if m.tcp != nil {
		m.tcp.RemoveConnByUfrag(user)
	}
}

// UDPPort is the port that is open.
func (m *Mux) UDPPort() int { return m.conn.LocalAddr().(*net.UDPAddr).Port }

// TCPPort is the port that is open, 0 when off.
func (m *Mux) TCPPort() int {
	if m.tcp == nil {
		return 0
	}
	return m.tcp.LocalAddr().(*net.TCPAddr).Port
}

// Close closes both sockets and waits for their goroutines.
func (m *Mux) Close() error {
	m.cfg.Log.Debugf("UDP port %d: sent %+v", m.UDPPort(), m.UDPStats())
	err := m.udp.Close()
	if m.tcp != nil {
		err = errors.Join(err, m.tcp.Close())
	}
	return err
}
