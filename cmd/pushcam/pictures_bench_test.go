package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFiguresSnapshot measures a request for a picture of a camera that is
// open, over one connection: of one that sends JPEGs, which are passed on, and
// of one that does not.
func BenchmarkFiguresSnapshot(b *testing.B) {
	for name, source := range map[string]string{"camera-sends-jpeg": filmJPEGs(b), "encoded-here": "pattern"} {
		b.Run(name, func(b *testing.B) {
			server, page := startServer(b, "--source="+source, "--linger=1m")
			defer stopServer(b, server)
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			take := func() {
				res, err := client.Get(page + "snapshot")
				if err != nil {
					b.Fatal(err)
				}
				defer res.Body.Close()
				if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK || n < 10000 {
					b.Fatalf("%s, %d bytes, %v", res.Status, n, err)
				}
			}
			take() // until the light is right
			const n = 200
			for b.Loop() {
				var took []float64
				for i := range n {
					// Not in step with the camera.
					<-time.After(time.Duration(20+i%17) * time.Millisecond)
					start := time.Now()
					take()
					took = append(took, float64(time.Since(start))/float64(time.Millisecond))
				}
				slices.Sort(took)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(took[n/2-1], "p50-ms")
				b.ReportMetric(took[n*95/100-1], "p95-ms")
			}
		})
	}
}

// BenchmarkFiguresStream measures what a hundred clients cost that get ten
// pictures of 720p per second each, on the machine that also receives them.
func BenchmarkFiguresStream(b *testing.B) {
	const clients, rate, counted = 100, 10, 10 * time.Second
	for name, source := range map[string]string{"camera-sends-jpeg": filmJPEGs(b), "encoded-here": "pattern"} {
		b.Run(name, func(b *testing.B) {
			server, page := startServer(b, "--source="+source, "--max-viewers=200")
			defer stopServer(b, server)
			base := residentMiB(b, server.Process.Pid)
			var got atomic.Int64
			var reading sync.WaitGroup
			b.Cleanup(reading.Wait)
			for range clients {
				conn := openStream(b, page, rate)
				b.Cleanup(func() { _ = conn.Close() })
				reading.Go(func() {
					buf := make([]byte, 256<<10)
					for {
						n, err := conn.Read(buf)
						if err != nil {
							return
						}
						got.Add(int64(n))
					}
				})
			}
			<-time.After(3 * time.Second)
			for b.Loop() {
				before := got.Load()
				used := cpuOver(b, server.Process.Pid, counted)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(100*used.Seconds()/counted.Seconds(), "%cpu")
				b.ReportMetric(float64(got.Load()-before)/counted.Seconds()/1e6, "MB/s")
				b.ReportMetric((residentMiB(b, server.Process.Pid)-base)*1024/clients, "KiB-RSS/client")
			}
		})
	}
}

// openStream begins a stream, and returns its connection.
func openStream(b *testing.B, page string, rate float64) net.Conn {
	b.Helper()
	u, err := url.Parse(page)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /stream?fps=%v HTTP/1.1\r\nHost: %s\r\n\r\n", rate, u.Host)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("%v, %v", res, err)
	}
	return conn
}
