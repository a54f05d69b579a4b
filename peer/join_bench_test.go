package peer

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/peer/viewer"
)

// BenchmarkFiguresJoinCost measures the server's CPU time for each viewer that
// joins, from its offer until it is connected, in turn with a server made of the
// library's stock parts. What the pictures cost meanwhile is taken off.
func BenchmarkFiguresJoinCost(b *testing.B) {
	const n = 50
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		b.Fatal(err)
	}
	var ours, stock time.Duration
	rounds := 0
	for b.Loop() {
		ours += measureJoins(b, fanoutOurs, n, network)
		stock += measureJoins(b, fanoutStock, n, network)
		rounds++
	}
	perJoin := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) / float64(rounds*n) }
	b.ReportMetric(perJoin(ours), "ms/join")
	b.ReportMetric(perJoin(stock), "stock-ms/join")
	b.ReportMetric(float64(ours)/float64(stock), "ratio")
	b.ReportMetric(0, "ns/op")
}

// measureJoins returns the CPU time that n joins take, one after the other.
func measureJoins(b *testing.B, kind string, n int, network *viewer.Network) time.Duration {
	ask, stop := startFanout(b, kind)
	defer stop()
	empty := ask(fanoutRequest{Measure: true})
	defer joinFanout(b, ask, n, network)()
	joins := ask(fanoutRequest{Measure: true}).since(empty)
	<-time.After(time.Second) // the last keyframe is through
	before := ask(fanoutRequest{Measure: true})
	<-time.After(time.Second)
	pictures := ask(fanoutRequest{Measure: true}).since(before)
	// They came to half of the viewers, in the middle.
	share := joins.Took.Seconds() / pictures.Took.Seconds() / 2
	return joins.CPU - time.Duration(share*float64(pictures.CPU))
}
