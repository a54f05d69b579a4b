package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcam/pushcam/peer/udp"
)

// portInterval is how often the media port is looked after, and so the least
// time between two complaints.
const portInterval = 30 * time.Second

// portWatch tells how the media port sends, and what it could not send.
type portWatch struct {
	log  *slog.Logger
	last udp.Stats
}

// watchMediaPort does until ctx ends.
func watchMediaPort(ctx context.Context, log *slog.Logger, stats func() udp.Stats) {
	w := &portWatch{log: log, last: stats()}
	w.log.Info("media port open", "sends", aboutWay(w.last.Way))
	tick := time.NewTicker(portInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.look(stats())
		}
	}
}

// look compares what the port has sent with the last look.
func (w *portWatch) look(now udp.Stats) {
	last := w.last
	w.last = now
	if now.Way != last.Way {
		w.log.Info("media port changed", "sends", aboutWay(now.Way), "before", aboutWay(last.Way))
	}
	if now.Unsegmented > last.Unsegmented {
		w.log.Info("network cannot segment", "viewers", now.Unsegmented-last.Unsegmented, "sends", aboutWay(udp.Several))
	}
	sent, full, failed := now.Packets-last.Packets, now.Full-last.Full, now.Failed-last.Failed
	if full > 0 && isLoss(full, sent) {
		w.log.Warn("packets dropped: the network is slower than what is sent; fewer viewers, a lower --bitrate or --max-bitrate help",
			"dropped", full, "sent", sent, "within", portInterval)
	}
	if failed > 0 && isLoss(failed, sent) {
		w.log.Warn("packets refused by the system: no way to a viewer, or a firewall",
			"refused", failed, "sent", sent, "within", portInterval)
	}
}

// isLoss is whether somebody can see it: from 1 % on.
func isLoss(lost, sent uint64) bool { return lost*100 >= lost+sent }

// aboutWay is for a person.
func aboutWay(way udp.Way) string {
	switch way {
	case udp.Segmented:
		return "a picture for many viewers in one system call, cut into packets by the system (GSO)"
	case udp.Several:
		return "a picture for many viewers in one system call"
	case udp.Single:
		return "each packet with a system call"
	}
	return fmt.Sprint(way)
}
