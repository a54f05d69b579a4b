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
		if err := serveFanout(kind, os.Stdin, os.Stdout); err != nil {
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
			var ours, stock fanoutReply
			rounds := 0
			for b.Loop() {
				ours = ours.plus(measureFanout(b, fanoutOurs, n))
				stock = stock.plus(measureFanout(b, fanoutStock, n))
				rounds++
			}
			b.ReportMetric(ours.perPacket(), "us/packet")
			b.ReportMetric(stock.perPacket(), "stock-us/packet")
			b.ReportMetric(ours.perPacket()/stock.perPacket(), "ratio")
			b.ReportMetric(float64(ours.Encoders)/float64(rounds), "encoders")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func (r fanoutReply) plus(o fanoutReply) fanoutReply {
	return fanoutReply{CPU: r.CPU + o.CPU, Packets: r.Packets + o.Packets, Encoders: r.Encoders + o.Encoders}
}

func (r fanoutReply) perPacket() float64 {
	return float64(r.CPU) / float64(time.Microsecond) / float64(r.Packets)
}

// measureFanout connects n viewers to a new server and returns what it did
// within fanoutTime.
func measureFanout(b *testing.B, kind string, n int) fanoutReply {
	ask, stop := startFanout(b, kind)
	defer stop()
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		b.Fatal(err)
	}
	var running, playing sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	defer running.Wait()
	defer cancel()
	for range n {
		playing.Add(1)
		first := sync.OnceFunc(playing.Done)
		v, err := viewer.New(viewer.Config{Network: network, Codecs: []capture.Codec{capture.VP8}, OnPicture: func(viewer.Picture) { first() }})
		if err != nil {
			b.Fatal(err)
		}
		running.Go(func() { _ = v.Run(ctx) })
		answer, err := v.Answer(ctx, ask(fanoutRequest{Offer: true}).SDP)
		if err != nil {
			b.Fatal(err)
		}
		ask(fanoutRequest{Answer: answer})
	}
	playing.Wait()
	before := ask(fanoutRequest{Measure: true})
	<-time.After(fanoutTime)
	after := ask(fanoutRequest{Measure: true})
	return fanoutReply{CPU: after.CPU - before.CPU, Packets: after.Packets - before.Packets, Encoders: after.Encoders}
}

// startFanout starts the server's process.
func startFanout(b *testing.B, kind string) (ask func(fanoutRequest) fanoutReply, stop func()) {
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
