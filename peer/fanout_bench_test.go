package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(fanoutVariable); kind != "" {
		serve := serveFanout
		if kind == sendKind {
			serve = watchMany
		}
		if err := serve(kind, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// fanoutTime is how long the CPU time is counted.
const fanoutTime = 4 * time.Second

// BenchmarkFiguresFanout measures the server's CPU time for each packet that it sends,
// in turn with a server made of the library's stock parts.
func BenchmarkFiguresFanout(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("viewers=%d", n), func(b *testing.B) {
			network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
			if err != nil {
				b.Fatal(err)
			}
			var ours, stock, alone fanoutReply
			rounds := 0
			for b.Loop() {
				ours = ours.plus(measureFanout(b, fanoutOurs, n, network, fanoutTime))
				stock = stock.plus(measureFanout(b, fanoutStock, n, network, fanoutTime))
				alone = alone.plus(measureFanout(b, fanoutAlone, 0, network, fanoutTime))
				rounds++
			}
			b.ReportMetric(ours.perPacket(), "us/packet")
			b.ReportMetric(stock.perPacket(), "stock-us/packet")
			b.ReportMetric(ours.perPacket()/stock.perPacket(), "ratio")
			// Without what the camera and the encoder cost by themselves.
			b.ReportMetric(ours.without(alone).perPacket()/stock.without(alone).perPacket(), "net-ratio")
			// Of anything: what viewers report, ICE's checks, our own reports. None
			// is of a packet, see TestPacketsAreNotAllocated.
			b.ReportMetric(float64(ours.without(alone).Mallocs)/ours.Took.Seconds()/float64(n), "allocs/s/viewer")
			b.ReportMetric(float64(ours.Encoders)/float64(rounds), "encoders")
			b.ReportMetric(float64(ours.Heap)/float64(rounds*n)/1e6, "MB/viewer")
			b.ReportMetric(float64(ours.Stacks)/float64(rounds*n)/1e6, "stack-MB/viewer")
			b.ReportMetric(float64(ours.Goroutines)/float64(rounds*n), "goroutines/viewer")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkFiguresCrowd measures a server with 500 viewers, of 2 Mbit/s each.
func BenchmarkFiguresCrowd(b *testing.B) {
	const n = 500
	crowd, err := newCrowd()
	if err != nil {
		b.Fatal(err)
	}
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}, Net: crowd})
	if err != nil {
		b.Fatal(err)
	}
	var total fanoutReply
	var lost int64
	for b.Loop() {
		before := crowd.lost.Load()
		total = total.plus(measureFanout(b, fanoutOurs, n, network, fanoutTime))
		lost += crowd.lost.Load() - before
	}
	b.ReportMetric(total.perPacket(), "us/packet")
	b.ReportMetric(total.CPU.Seconds()/total.Took.Seconds(), "cores")
	b.ReportMetric(float64(total.Packets)/n/total.Took.Seconds(), "packets/s/viewer")
	b.ReportMetric(float64(total.Dropped), "dropped")
	b.ReportMetric(float64(lost), "lost")
	b.ReportMetric(0, "ns/op")
}

// TestViewerIsCheap holds what a connected viewer may cost the server.
func TestViewerIsCheap(t *testing.T) {
	const (
		n          = 20
		bytes      = 350e3 // of a viewer
		goroutines = 12    // of a viewer
		others     = 20    // of the camera, the encoder, the shards
	)
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		t.Fatal(err)
	}
	got := measureFanout(t, fanoutOurs, n, network, 0)
	if got.Heap > n*bytes {
		t.Errorf("%d bytes of heap for %d viewers", got.Heap, n)
	}
	if got.Goroutines > n*goroutines+others {
		t.Errorf("%d goroutines for %d viewers", got.Goroutines, n)
	}
}

// TestPacketsAreNotAllocated compares a server with one whose pictures are as
// many, of several times as many packets: what more it allocates is of packets,
// all the way from the encoder's to the kernel.
func TestPacketsAreNotAllocated(t *testing.T) {
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		t.Fatal(err)
	}
	var each [2]struct{ packets, mallocs float64 } // per picture
	for i, kind := range []string{fanoutOurs, fanoutLarge} {
		r := measureFanout(t, kind, 1, network, time.Second)
		each[i].packets = float64(r.Packets) / float64(r.Pictures)
		each[i].mallocs = float64(r.Mallocs) / float64(r.Pictures)
	}
	packets, mallocs := each[1].packets-each[0].packets, each[1].mallocs-each[0].mallocs
	t.Logf("%.1f more packets per picture, %.2f more allocations", packets, mallocs)
	if packets < 10 || mallocs > packets*3/4 {
		t.Errorf("%.2f more allocations per picture for %.1f more packets, want none of a packet", mallocs, packets)
	}
}

func (r fanoutReply) plus(o fanoutReply) fanoutReply {
	return fanoutReply{
		Took: r.Took + o.Took, CPU: r.CPU + o.CPU, Packets: r.Packets + o.Packets, Dropped: r.Dropped + o.Dropped,
		Pictures: r.Pictures + o.Pictures, Mallocs: r.Mallocs + o.Mallocs,
		Encoders: r.Encoders + o.Encoders, Heap: r.Heap + o.Heap, Stacks: r.Stacks + o.Stacks, Goroutines: r.Goroutines + o.Goroutines,
	}
}

// since is what came after the reply before.
func (r fanoutReply) since(before fanoutReply) fanoutReply {
	return fanoutReply{
		Took: r.At.Sub(before.At), CPU: r.CPU - before.CPU, Packets: r.Packets - before.Packets, Dropped: r.Dropped - before.Dropped,
		Pictures: r.Pictures - before.Pictures, Mallocs: r.Mallocs - before.Mallocs, Encoders: r.Encoders,
	}
}

// without is r less what o took in as long.
func (r fanoutReply) without(o fanoutReply) fanoutReply {
	share := r.Took.Seconds() / o.Took.Seconds()
	r.CPU -= time.Duration(float64(o.CPU) * share)
	r.Mallocs -= min(r.Mallocs, uint64(float64(o.Mallocs)*share))
	return r
}

func (r fanoutReply) perPacket() float64 {
	return float64(r.CPU) / float64(time.Microsecond) / float64(r.Packets)
}

// measureFanout connects n viewers to a new server and returns what it did
// within so long, and what it has in memory for them.
func measureFanout(b testing.TB, kind string, n int, network *viewer.Network, span time.Duration) fanoutReply {
	ask, stop := startFanout(b, kind)
	defer stop()
	empty := ask(fanoutRequest{Measure: true, Weigh: true})
	defer joinFanout(b, ask, n, network)()
	<-time.After(time.Second) // the last keyframe is through
	before := ask(fanoutRequest{Measure: true})
	<-time.After(span)
	after := ask(fanoutRequest{Measure: true})
	out := after.since(before)
	full := ask(fanoutRequest{Measure: true, Weigh: true})
	out.Heap, out.Stacks, out.Goroutines = full.Heap-empty.Heap, full.Stacks-empty.Stacks, full.Goroutines-empty.Goroutines
	return out
}

// joinFanout connects n viewers, until leave.
func joinFanout(b testing.TB, ask func(fanoutRequest) fanoutReply, n int, network *viewer.Network) (leave func()) {
	var running, playing sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	leave = func() {
		cancel()
		running.Wait()
	}
	for range n {
		playing.Add(1)
		v, err := viewer.New(viewer.Config{Network: network, Codecs: []capture.Codec{capture.VP8}})
		if err != nil {
			b.Fatal(err)
		}
		running.Go(func() { _ = v.Run(ctx) })
		running.Go(func() { // until it is connected
			defer playing.Done()
			for v.Stats().Connected.IsZero() && ctx.Err() == nil {
				<-time.After(10 * time.Millisecond)
			}
		})
		answer, err := v.Answer(ctx, ask(fanoutRequest{Offer: true}).SDP)
		if err != nil {
			b.Fatal(err)
		}
		ask(fanoutRequest{Answer: answer})
	}
	playing.Wait()
	return leave
}

// startFanout starts the server's process.
func startFanout(b testing.TB, kind string) (ask func(fanoutRequest) fanoutReply, stop func()) {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), fanoutVariable+"="+kind)
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	requests, replies := json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	ask = func(r fanoutRequest) fanoutReply {
		var got fanoutReply
		if err := requests.Encode(r); err != nil {
			b.Fatal(err)
		}
		if err := replies.Decode(&got); err != nil {
			b.Fatal(err)
		}
		if got.Err != "" {
			b.Fatal(got.Err)
		}
		return got
	}
	return ask, func() {
		_ = in.Close() // ends it
		if err := server.Wait(); err != nil {
			b.Error(err)
		}
	}
}
