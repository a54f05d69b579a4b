"""Plays a WHEP endpoint with GStreamer's webrtcbin and prints what it decodes.

usage: play.py URL PICTURES

It ends after so many pictures, or when something goes wrong.
"""
import sys
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

VP8 = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
SHOW = ("rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=I420"
        " ! fakesink name=sink signal-handoffs=true")


class Player:
    def __init__(self, url, pictures):
        self.url, self.left = url, pictures
        self.session = self.etag = None
        self.early = []  # candidates found before there is a session
        self.loop = GLib.MainLoop()
        self.failed = None
        self.pipe = Gst.Pipeline.new()
        self.rtc = Gst.ElementFactory.make("webrtcbin")
        self.rtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipe.add(self.rtc)
        self.rtc.connect("on-ice-candidate", self.on_candidate)
        self.rtc.connect("pad-added", self.on_pad)
        self.rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                      Gst.Caps.from_string(VP8))
        bus = self.pipe.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, m: self.fail(m.parse_error()[0].message))

    def fail(self, why):
        self.failed = why
        self.loop.quit()

    def run(self):
        self.pipe.set_state(Gst.State.PLAYING)
        GLib.idle_add(self.offer)
        self.loop.run()
        self.pipe.set_state(Gst.State.NULL)
        if self.session:
            print("DELETE", self.request("DELETE", self.session).status, flush=True)
        if self.failed:
            sys.exit(self.failed)

    def request(self, method, url, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if body else None
        return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20)

    def offer(self):
        self.rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))

    def on_offer(self, promise):
        reply = promise.get_reply()  # owns the offer
        offer = reply.get_value("offer")
        self.rtc.emit("set-local-description", offer, Gst.Promise.new())
        GLib.idle_add(self.post, offer.sdp.as_text())

    def post(self, offer):
        try:
            answer = self.request("POST", self.url, offer, Content_Type="application/sdp")
        except (OSError, urllib.error.HTTPError) as error:
            return self.fail(str(error))
        self.session = urllib.parse.urljoin(answer.url, answer.headers["Location"])
        self.etag = answer.headers["ETag"]
        print("POST", answer.status, flush=True)
        _, sdp = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.rtc.emit("set-remote-description", description, Gst.Promise.new())
        if self.early:
            self.trickle()

    def on_candidate(self, _, index, candidate):
        GLib.idle_add(self.add, index, candidate)

    def add(self, index, candidate):
        self.early.append(candidate)
        if self.session:
            self.trickle()

    def trickle(self):
        lines = ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:video0"]
        lines += ["a=" + c for c in self.early]
        self.early = []
        try:
            answer = self.request("PATCH", self.session, "\r\n".join(lines) + "\r\n", If_Match=self.etag,
                                  Content_Type="application/trickle-ice-sdpfrag")
            print("PATCH", answer.status, flush=True)
        except (OSError, urllib.error.HTTPError) as error:
            self.fail(str(error))

    def on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        sink = Gst.parse_bin_from_description(SHOW, True)
        sink.get_by_name("sink").connect("handoff", self.on_picture)
        self.pipe.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def on_picture(self, sink, buffer, pad):
        caps = pad.get_current_caps().get_structure(0)
        self.left -= 1
        if self.left == 0:
            print("pictures", f"{caps.get_int('width')[1]}x{caps.get_int('height')[1]}", flush=True)
            GLib.idle_add(self.loop.quit)


Gst.init(None)
player = Player(sys.argv[1], int(sys.argv[2]))
GLib.timeout_add_seconds(30, lambda: player.fail("not so many pictures within 30 s"))
player.run()
