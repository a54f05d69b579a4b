package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/peer/udp"
)

func TestWatchMediaPort(t *testing.T) {
	before := udp.Stats{Packets: 1000, Full: 50, Failed: 50}
	for _, tt := range []struct {
		name string
		now  udp.Stats
		want []string // in the log after the first line, one for each line
	}{
		{"nothing", before, nil},
		{"all well", udp.Stats{Packets: 9000, Full: 50, Failed: 50}, nil},
		{"a few", udp.Stats{Packets: 2000, Full: 59, Failed: 59}, nil},
		{"full", udp.Stats{Packets: 2000, Full: 150, Failed: 50}, []string{"slower than what is sent; fewer viewers, a lower --bitrate or --max-bitrate help\" dropped=100 sent=1000 within=30s"}},
		{"refused", udp.Stats{Packets: 1000, Full: 50, Failed: 51}, []string{"no way to a viewer, or a firewall\" refused=1 sent=0"}},
		{"both", udp.Stats{Packets: 1000, Full: 51, Failed: 51}, []string{"dropped=1", "refused=1"}},
		{"another way", udp.Stats{Way: udp.Single, Packets: 1000, Full: 50, Failed: 50}, []string{`sends="each packet with a system call"`}},
		{"a tunnel", udp.Stats{Packets: 1000, Full: 50, Failed: 50, Unsegmented: 2}, []string{"network cannot segment\" viewers=2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				ctx, cancel := context.WithCancel(t.Context())
				var stats atomic.Pointer[udp.Stats]
				stats.Store(&before)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					watchMediaPort(ctx, slog.New(slog.NewTextHandler(&out, nil)), func() udp.Stats { return *stats.Load() })
				}()
				synctest.Wait()
				stats.Store(&tt.now)
				<-time.After(10 * portInterval) // each thing is told once
				cancel()
				<-ended
				lines := strings.Split(strings.TrimSpace(out.String()), "\n")
				if !strings.Contains(lines[0], "media port open") || !strings.Contains(lines[0], "(GSO)") {
					t.Errorf("begins with %q", lines[0])
				}
				if lines = lines[1:]; len(lines) != len(tt.want) {
					t.Fatalf("%d lines: %q", len(lines), lines)
				}
				for i, want := range tt.want {
					if !strings.Contains(lines[i], want) {
						t.Errorf("%q, want %q in it", lines[i], want)
					}
				}
			})
		})
	}
}
