// Package peertest is a bad network to test package peer on, with a server at
// one end and viewers at the other.
//
//	Server ── Hub ── vnet ──▶ Path.Down: queue, rate, delay, loss ──▶ vnet ── Viewer
//	                      ◀── Path.Up                             ◀──
//
// The network in between is pion's vnet, which delivers at once. What a real
// path does on the way is done by a Link for each direction, whose Conditions
// may change at any moment: vnet's own filters take one fixed value each, and
// its token bucket forgets what waits when it is changed.
//
// None of it touches a socket or asks the clock for anything but the time, so
// tests run it under testing/synctest: a minute of video takes some tenths of a
// second, and no measured time depends on the machine. For real browsers there
// is the Relay, a Path between real sockets.
//
//	synctest.Test(t, func(t *testing.T) {
//		wan := peertest.NewWAN(t)
//		server := peertest.NewServer(t, wan, peertest.ServerConfig{})
//		path := wan.NewPath(peertest.Conditions{Delay: 25 * time.Millisecond, Loss: 0.02})
//		v := server.Join(t, path, peertest.ViewerConfig{})
//		from := time.Now()
//		peertest.Pass(time.Minute)
//		t.Log(v.Watched(from, time.Now()).Within(150 * time.Millisecond))
//	})
package peertest
