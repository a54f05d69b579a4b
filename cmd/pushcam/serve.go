package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/v4l2"
	"github.com/pushcam/pushcam/capture/x264"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/mux"
	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/whep"
	"github.com/pushcam/pushcam/signal/ws"
	"github.com/pushcam/pushcam/web"
)

// How long each stage of closing may take; together less than closeGrace.
const (
	signalingGrace = 1500 * time.Millisecond
	sessionsGrace  = time.Second
)

// run implements command.
func (c *serveConfig) run(ctx context.Context, std stdio) error {
	log := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.Level(c.LogLevel)}))
	s, err := c.open(ctx, log, c.pick(log))
	if err != nil {
		return err
	}
	defer c.limitCores()()
	s.greet(std.out)
	return s.serve(ctx)
}

// service is everything of pushcam serve that is open.
type service struct {
	config      *serveConfig
	log         *slog.Logger
	picked      picked
	hardware    hardware
	source      *capture.Source
	network     *mux.Mux
	hub         *peer.Hub
	listener    net.Listener
	server      *web.Server
	tls         *tls.Config // nil for plain HTTP
	fingerprint string      // of a certificate of our own
	sockets     *ws.Handler
	players     *whep.Handler
	relay       *ws.Relay // nil without --relay
}

// open makes what can fail before anything runs: it is all or nothing.
func (c *serveConfig) open(ctx context.Context, log *slog.Logger, show picked) (_ *service, err error) {
	s := &service{config: c, log: log, picked: show}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closePorts())
		}
	}()
	if s.hardware, err = c.pickHardware(log, v4l2.ListEncoders); err != nil {
		return nil, err
	}
	s.source, err = capture.NewSource(capture.SourceConfig{
		Camera:    s.picked.camera,
		Encoders:  c.encoders(s.hardware),
		Encoding:  c.encoding(),
		Scale:     scaler(),
		CPU:       c.cpu(),
		Linger:    c.Linger,
		Slate:     new(pattern.Slate).Draw,
		SlateSize: c.Size,
		Log:       log,
	})
	if err != nil {
		return nil, err
	}
	if _, err := x264.ProfileLevelID(c.Size, c.FPS, c.Bitrate); err != nil {
		return nil, err
	}
	if s.listener, err = web.Listen(ctx, c.Listen.String()); err != nil {
		return nil, err
	}
	if s.tls, s.fingerprint, err = c.certificate(log, s.listener.Addr()); err != nil {
		return nil, err
	}
	if s.network, err = mux.Listen(c.ports(log)); err != nil {
		return nil, err
	}
	s.hub, err = peer.NewHub(peer.Config{
		Source: s.source, Network: s.network, H264Profiles: s.h264Profiles, MaxSessions: c.MaxViewers,
		MaxBitrate: c.MaxBitrate, Log: log,
	})
	if err != nil {
		return nil, err
	}
	return s, s.openSignaling(log)
}

func (s *service) openSignaling(log *slog.Logger) (err error) {
	c := s.config
	exchange := signal.NewExchange(sessions{s.hub}, states{s.source}, log)
	policy := c.policy()
	s.sockets = ws.NewHandler(exchange, ws.HandlerConfig{
		CheckOrigin:    policy.AllowsOrigin,
		MaxConnections: max(ws.DefaultMaxConnections, 2*c.MaxViewers),
		Log:            log,
	})
	s.players = whep.NewHandler(players{s.hub}, whep.HandlerConfig{
		States: states{s.source}, Viewers: s.hub.Len, ICEServers: c.iceServers(), Login: web.LoginOf, Log: log,
	})
	site, err := c.site(log)
	if err != nil {
		return err
	}
	site.Policy, site.WebSocket, site.WHEP = policy, s.sockets, s.players
	told := s.backend()
	site.Pictures, site.API = newPictures(s.source, s.hub.Admit), told
	site.Ready, site.Metrics = newReadiness(s.source, s.picked.camera).check, told.metricsHandler()
	handler, err := web.New(site)
	if err != nil {
		return err
	}
	s.server = &web.Server{
		Handler: handler, TLS: s.tls, Log: log, Grace: signalingGrace,
		MaxConnections: max(web.DefaultMaxConnections, 4*c.MaxViewers),
	}
	if c.Relay != "" {
		// A few more than may connect, so that those are told.
		s.relay, err = ws.NewRelay(exchange, ws.RelayConfig{URL: string(c.Relay), Viewers: c.MaxViewers + 10, Log: log})
	}
	return err
}

// serve runs everything until ctx ends or a part fails, and closes it from the
// viewers' side to the camera's.
func (s *service) serve(ctx context.Context) error {
	capturing, stopCapture := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCapture()
	var camera errgroup.Group
	camera.Go(func() error { return s.source.Run(capturing) })
	if run := s.picked.run; run != nil {
		camera.Go(func() error { return run(capturing, s.source.Retry) })
	}
	camera.Go(func() error {
		// Without it a camera that comes back is found a little later.
		if err := watchCameras(capturing, s.source.Retry); err != nil {
			s.log.Warn("cameras are not watched for", "err", err)
		}
		return nil
	})

	front, ctx := errgroup.WithContext(ctx)
	front.Go(func() error { return s.server.Serve(ctx, s.listener) })
	front.Go(func() error {
		<-ctx.Done() // net/http leaves WebSockets to their handler
		return s.sockets.Close()
	})
	front.Go(func() error {
		watchMediaPort(ctx, s.log, s.network.UDPStats)
		return nil
	})
	front.Go(func() error {
		<-ctx.Done()
		return s.players.Close()
	})
	if s.relay != nil {
		front.Go(func() error { return s.relay.Run(ctx) })
	}
	err := front.Wait()

	closing, done := context.WithTimeout(context.WithoutCancel(ctx), sessionsGrace)
	defer done()
	err = errors.Join(err, s.hub.Close(closing))
	stopCapture()
	return errors.Join(err, camera.Wait(), s.closePorts())
}

// closePorts closes what listens; the HTTP server closes its own when it ran.
func (s *service) closePorts() (err error) {
	if s.listener != nil {
		if closed := s.listener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = closed
		}
	}
	if s.network != nil {
		err = errors.Join(err, s.network.Close())
	}
	return err
}

func (c *serveConfig) ports(log *slog.Logger) mux.Config {
	cfg := mux.Config{UDPPort: c.MediaPort, TCPPort: c.ICETCPPort.Port, Log: peer.NewLibraryLog(log, "ice")}
	if c.ICETCPPort.Off {
		cfg.TCPPort = mux.TCPOff
	}
	for _, name := range c.Interface {
		cfg.Interfaces = append(cfg.Interfaces, string(name))
	}
	return cfg
}

func (c *serveConfig) iceServers() []whep.ICEServer {
	var servers []whep.ICEServer
	for _, server := range c.ICEServer {
		servers = append(servers, server.ICEServer)
	}
	return servers
}

func (c *serveConfig) policy() web.Policy {
	var p web.Policy
	for _, host := range c.AllowHost {
		p.AllowHosts = append(p.AllowHosts, string(host))
	}
	for _, origin := range c.AllowOrigin {
		p.AllowOrigins = append(p.AllowOrigins, string(origin))
	}
	if hostname, err := os.Hostname(); err == nil {
		p.OwnNames = web.OwnNames(hostname)
	}
	return p
}
