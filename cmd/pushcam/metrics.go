package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer"
)

// metric is one family of what Prometheus is told.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("pushcam_"+name+"_total", help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("pushcam_"+name, help, labels, nil), prometheus.GaugeValue}
}

// metrics is what there is. No label has a viewer in it: of those there may be
// any number, one after the other, and each would leave its series behind.
type metrics struct {
	build, state, viewers                                                      metric
	frames, slates, decoding                                                   metric
	pictures, keyframes, encoders, failures, drops                             metric
	renditionViewers, renditionBitrate, renditionRate                          metric
	sessions, sentPictures, sentPackets, sentBytes, resent, lost, sessionDrops metric
	portPackets, portBytes, portCalls, portLate, portDrops                     metric
	encoding, captureToSend, join                                              *prometheus.Desc
}

func newMetrics() metrics {
	histogram := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("pushcam_"+name+"_seconds", help, nil, nil)
	}
	return metrics{
		build:   gauge("build_info", "Which pushcam it is; always 1.", "version", "revision", "goversion"),
		state:   gauge("camera_state", "1 for the state that the camera is in: idle, opening, live or lost.", "state"),
		viewers: gauge("viewers", "Who watches now, over WebRTC or by JPEG pictures.", "by"),

		frames:   counter("camera_pictures", "Pictures read from the camera."),
		slates:   counter("camera_slates", "Pictures shown in the place of a lost camera's."),
		decoding: counter("camera_decoding_seconds", "Time spent on decoding the camera's pictures."),

		pictures:  counter("encoded_pictures", "Pictures encoded, by all encoders."),
		keyframes: counter("encoded_keyframes", "Keyframes among them."),
		encoders:  gauge("encoders", "Encoders that run now."),
		failures:  counter("encoder_failures", "How often an encoder failed."),
		drops:     counter("dropped_pictures", "Pictures dropped before, in or after their encoders.", "reason"),

		renditionViewers: gauge("rendition_viewers", "Who get this rendition.", "codec", "rendition"),
		renditionBitrate: gauge("rendition_target_bytes_per_second", "What its encoder is set to.", "codec", "rendition"),
		renditionRate:    gauge("rendition_pictures_per_second", "What its encoder gives.", "codec", "rendition"),

		sessions:     counter("sessions", "Viewers that came over WebRTC."),
		sentPictures: counter("sent_pictures", "Pictures sent, to each viewer."),
		sentPackets:  counter("sent_packets", "RTP packets sent to viewers, without those sent again."),
		sentBytes:    counter("sent_bytes", "Payload of those packets."),
		resent:       counter("resent_packets", "Packets sent again as viewers asked for them."),
		lost:         counter("lost_packets", "Packets that viewers say they did not get."),
		sessionDrops: counter("unsent", "What was not sent to a viewer: pictures, or packets where the reason is full or retransmission-refused.", "reason"),

		portPackets: counter("udp_packets", "Packets sent by the media port."),
		portBytes:   counter("udp_bytes", "Bytes in them."),
		portCalls:   counter("udp_calls", "System calls that sent them."),
		portLate:    counter("udp_late_packets", "Packets that waited for room in the socket."),
		portDrops:   counter("udp_dropped_packets", "Packets that were not sent: full, as there was no room, or failed, as the system refused.", "reason"),

		encoding:      histogram("encoding_duration", "Time from the beginning of a picture's encoding to its end, scaling included."),
		captureToSend: histogram("capture_to_send_duration", "Time from a picture's capture to its last packet for a viewer."),
		join:          histogram("join_duration", "Time from a viewer's request to its connection."),
	}
}

// collector tells Prometheus of the program, when that asks. Any goroutine uses
// it.
type collector struct {
	*backend
	metrics metrics
}

// metricsHandler answers Prometheus.
func (b *backend) metricsHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		&collector{b, newMetrics()}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	put := func(m metric, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, value, labels...)
	}
	m := &c.metrics
	v := c.Version()
	put(m.build, 1, v.Version, v.Revision, v.Go)
	c.collectCamera(put)
	c.collectSessions(put)
	port := c.port()
	put(m.portPackets, float64(port.Packets))
	put(m.portBytes, float64(port.Bytes))
	put(m.portCalls, float64(port.Calls))
	put(m.portLate, float64(port.Late))
	put(m.portDrops, float64(port.Full), "full")
	put(m.portDrops, float64(port.Failed), "failed")

	totals := c.hub.Totals()
	for desc, d := range map[*prometheus.Desc]capture.DurationStats{
		m.encoding: c.source.Stats().Encoding, m.captureToSend: totals.CaptureToSend, m.join: totals.Join,
	} {
		out <- prometheus.MustNewConstHistogram(desc, d.Count, d.Sum.Seconds(), inSeconds(d.AtMost))
	}
}

func (c *collector) collectCamera(put func(metric, float64, ...string)) {
	m, stats := &c.metrics, c.source.Stats()
	status, _ := c.source.Status()
	for _, state := range []capture.State{capture.Idle, capture.Opening, capture.Live, capture.Lost} {
		is := 0.0
		if stateName(status.State) == stateName(state) {
			is = 1
		}
		put(m.state, is, stateName(state))
	}
	put(m.frames, float64(stats.Frames))
	put(m.slates, float64(stats.Slates))
	put(m.decoding, stats.Decoding.Seconds())
	put(m.pictures, float64(stats.AccessUnits))
	put(m.keyframes, float64(stats.Keyframes))
	put(m.encoders, float64(stats.Encoders))
	put(m.failures, float64(stats.EncoderFailures))
	for reason, n := range stats.Drops {
		put(m.drops, float64(n), capture.DropReason(reason).String())
	}
	for _, r := range stats.Renditions {
		codec, rung := r.Codec.String(), r.Rung.String()
		put(m.renditionViewers, float64(r.Readers), codec, rung)
		put(m.renditionBitrate, float64(r.Bitrate)/8, codec, rung)
		put(m.renditionRate, r.FrameRate, codec, rung)
	}
}

func (c *collector) collectSessions(put func(metric, float64, ...string)) {
	m, totals := &c.metrics, c.hub.Totals()
	put(m.viewers, float64(c.hub.Len()-totals.Admitted), "webrtc")
	put(m.viewers, float64(totals.Admitted), "pictures")
	put(m.sessions, float64(totals.Sessions))
	put(m.sentPictures, float64(totals.Pictures))
	put(m.sentPackets, float64(totals.Packets))
	put(m.sentBytes, float64(totals.Bytes))
	put(m.resent, float64(totals.Resent))
	put(m.lost, float64(totals.Lost))
	for reason, n := range totals.Drops {
		put(m.sessionDrops, float64(n), peer.DropReason(reason).String())
	}
}

func inSeconds(atMost map[time.Duration]uint64) map[float64]uint64 {
	out := make(map[float64]uint64, len(atMost))
	for bound, n := range atMost {
		out[bound.Seconds()] = n
	}
	return out
}
