// One try at seeing the camera: signaling, and the peer connection that the
// server offers over it. It ends once, and for good.
//
// This is no module: the server puts it into the page itself, so that the first
// Session is on its way before the browser has asked for anything else.

// How long a step may take, in milliseconds.
const SILENCE_LIMIT = 8000;  // until the server's first message
const CONNECT_LIMIT = 5000;  // from our answer until media can flow; then it is slow, and after as long again blocked
const REST_LIMIT = 500;      // until the rest of the page is loaded without a picture

/**
 * Session dials at once. It calls the functions of the object given to `tell`,
 * also for what has happened before, until `end`:
 *   camera({camera, detail})  the server's word on the camera
 *   stream(mediaStream)       to be shown
 *   stats(message)            the server's statistics, where it was asked for them
 *   slow(ports)               media should flow by now, and may yet
 *   lost(failed)              media may not get through any more: restart helps
 *   end(reason, detail)       the last call; reason is one of
 *     unreachable   no WebSocket          dropped  the WebSocket ended, or the server
 *     silent        it says nothing       blocked  no way through for media
 *     full          viewer limit reached  codec    no format in common
 *     error         the browser refuses
 */
class Session {
  seen = false; // its first picture, before it had an owner
  #witness;
  #on = null;
  #untold = [];               // what happened before there was #on
  #signaling;
  #pc = null;
  #timer = 0;
  #early = [];                // their candidates that came before the offer
  #held = [];                 // our candidates, until the answer is sent
  #heard = false;             // the server said something
  #offered = false;
  #answered = false;
  #connected = false;         // at least once
  #slow = false;              // it should be connected by now
  #ports = new Set();         // that the server offers media on
  #order = Promise.resolve(); // messages are handled one after the other
  #over = false;

  /** witness, if there is one, is called as the owner is, and from the start. */
  constructor(witness = {}) {
    this.#witness = witness;
    this.#signaling = new Signaling({
      open: () => this.#limit(SILENCE_LIMIT, 'silent'),
      message: (message) => this.#received(message),
      close: (opened, reason) => this.#end(opened ? 'dropped' : 'unreachable', reason),
    });
    // It takes the browser a while, as the WebSocket does.
    this.#queue(() => { this.#pc = this.#connection(); });
  }

  /** tell gives the session its owner. */
  tell(on) {
    this.#on = on;
    for (const [what, args] of this.#untold.splice(0)) on[what](...args);
  }

  #say(what, ...args) {
    this.#witness[what]?.(...args);
    if (this.#on) this.#on[what](...args);
    else this.#untold.push([what, args]);
  }

  /** close tells the server and ends the session without a word to the owner. */
  close() {
    if (this.#over) return;
    this.#signaling.send({ type: 'bye' });
    this.#release();
  }

  /** send passes a message on to the server: quality, stats. */
  send(message) { this.#signaling.send(message); }

  /**
   * restart asks for another offer, to find a new way for the media (an ICE
   * restart). False: there is nothing to restart, or it is under way.
   */
  restart() {
    if (!this.#answered || !this.#connected) return false;
    this.#answered = false;
    this.#signaling.send({ type: 'restart' });
    return true;
  }

  /** connected: media can flow now. */
  get connected() { return this.#pc?.connectionState === 'connected'; }

  /** established: media could flow once, whatever happened since. */
  get established() { return this.#connected; }

  /** stats resolves to the peer connection's RTCStatsReport, or null. */
  async stats() {
    try {
      return this.#offered ? await this.#pc.getStats() : null;
    } catch {
      return null; // closed meanwhile
    }
  }

  #received(message) {
    if (!this.#heard) clearTimeout(this.#timer);
    this.#heard = true;
    this.#queue(() => this.#handle(message));
  }

  #queue(task) {
    this.#order = this.#order.then(() => this.#over || task()).catch((error) => {
      this.#end('error', String(error?.message || error));
    });
  }

  async #handle(message) {
    switch (message.type) {
      case 'state':
        return this.#cameraState(message);
      case 'offer':
        return this.#answer(message.offer);
      case 'candidate':
        return this.#theirCandidate(message.candidate);
      case 'stats':
        return this.#say('stats', message);
      case 'error':
        return this.#refused(message);
    }
    // Types that a newer server may send are not for us.
  }

  #cameraState(message) {
    if (!this.#offered) {
      clearTimeout(this.#timer); // opening a camera takes what it takes
      if (message.camera === 'live') this.#limit(SILENCE_LIMIT, 'silent');
    }
    this.#say('camera', message);
  }

  #refused({ code, message }) {
    switch (code) {
      case 'full':
        return this.#end('full', message);
      case 'no-codec':
        return this.#end('codec', message);
      case 'gone':
        // The server may give up first.
        if (this.#slow && !this.#connected) return this.#end('blocked', this.#portList());
        return this.#end('dropped', message);
      case 'internal':
        return this.#end('dropped', message);
    }
    // A server that knows no restart. The next session does what it should.
    if (this.#connected && !this.#answered) return this.#end('dropped', message);
    console.warn('pushcam:', code, message); // about a message of ours; the picture goes on
  }

  async #answer(offer) {
    const pc = this.#pc;
    this.#offered = true;
    await pc.setRemoteDescription(offer);
    this.#notePorts(offer.sdp);
    for (const candidate of this.#early.splice(0)) await this.#add(candidate);
    await pc.setLocalDescription();
    if (this.#over) return;
    const { type, sdp } = pc.localDescription;
    this.#signaling.send({ type: 'answer', answer: { type, sdp } });
    if (/^m=video 0 /m.test(sdp)) return this.#end('codec', '');
    this.#answered = true;
    for (const candidate of this.#held.splice(0)) this.#sendCandidate(candidate);
    if (!this.#connected) this.#limit(CONNECT_LIMIT, 'slow');
  }

  #connection() {
    // The pool has it look for its candidates now rather than with the answer.
    const pc = new RTCPeerConnection({ iceCandidatePoolSize: 1 });
    pc.ontrack = (event) => this.#track(event);
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return; // the end of them needs no message
      if (this.#answered) this.#sendCandidate(candidate);
      else this.#held.push(candidate);
    };
    pc.onconnectionstatechange = () => {
      switch (pc.connectionState) {
        case 'connected':
          this.#connected = true;
          clearTimeout(this.#timer);
          return;
        case 'disconnected':
        case 'failed':
          if (this.#connected) return this.#say('lost', pc.connectionState === 'failed');
          return this.#end('blocked', this.#portList());
      }
    };
    return pc;
  }

  #track({ track, streams, receiver }) {
    if (track.kind === 'video') {
      // Show each picture when it is there. Not for sound, which needs a buffer.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0;
    }
    this.#say('stream', streams[0] || new MediaStream([track]));
  }

  async #theirCandidate(candidate) {
    if (!candidate) return;
    if (!this.#pc?.remoteDescription) this.#early.push(candidate);
    else await this.#add(candidate);
  }

  async #add(candidate) {
    this.#notePorts(String(candidate.candidate));
    try {
      await this.#pc.addIceCandidate(candidate);
    } catch (error) {
      console.warn('pushcam: candidate not taken:', error.message); // the others may do
    }
  }

  #sendCandidate(candidate) {
    this.#signaling.send({ type: 'candidate', candidate: candidate.toJSON() });
  }

  /** notePorts collects "udp 1990" and "tcp 1991" from candidates (RFC 8839 section 5.1). */
  #notePorts(text) {
    for (const [, transport, port] of text.matchAll(/candidate:\S+ \d+ (udp|tcp) \d+ \S+ (\d+) typ/gi)) {
      this.#ports.add(`${transport.toUpperCase()} ${port}`);
    }
  }

  #portList() { return [...this.#ports].sort().reverse().join(' or '); }

  #limit(milliseconds, reason) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (reason !== 'slow') return this.#end(reason, reason === 'blocked' ? this.#portList() : '');
      this.#limit(milliseconds, 'blocked');
      this.#slow = true;
      this.#say('slow', this.#portList());
    }, milliseconds);
  }

  #end(reason, detail) {
    if (this.#over) return;
    this.#release();
    this.#say('end', reason, detail || '');
  }

  #release() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signaling.close();
    if (this.#pc) {
      this.#pc.ontrack = this.#pc.onicecandidate = this.#pc.onconnectionstatechange = null;
      this.#pc.close();
    }
  }
}

// In another page it is a player and nothing else. style.css knows what that has.
if (location.pathname.endsWith('/embed')) document.documentElement.dataset.embed = '';

// A page in a background tab waits, and Player knows what to do without WebRTC.
let firstSession = document.hidden || !window.RTCPeerConnection ? null : new Session({
  stream: showFirst,
  camera: ({ camera }) => { if (camera !== 'live') loadRest(); },
  end: () => loadRest(),
});

if (firstSession) {
  document.documentElement.dataset.state = 'starting'; // the picture alone
  setTimeout(loadRest, REST_LIMIT);
} else {
  document.addEventListener('DOMContentLoaded', () => loadRest());
}

// Nobody else closes what nobody has taken yet.
document.addEventListener('visibilitychange', () => {
  firstSession?.close();
  firstSession = null;
  loadRest();
}, { once: true });

/** showFirst has the picture on the page before the page can do anything else. */
function showFirst(stream) {
  const video = document.getElementById('picture');
  attach(video, stream);
  if (!video.requestVideoFrameCallback) return loadRest();
  video.requestVideoFrameCallback(() => {
    if (firstSession) firstSession.seen = true;
    loadRest();
  });
}

/** attach has the video element show a stream, which must not begin anew when it does so. */
function attach(video, stream) {
  video.muted = true; // the attribute alone does not count everywhere
  if (video.srcObject !== stream) video.srcObject = stream;
}

/**
 * loadRest loads the page's modules. Their turn is after the first picture: both
 * at once take the browser longer, as does the layout of what the page might say.
 */
function loadRest() {
  const rest = document.getElementById('rest');
  if (!rest) return;
  if (firstSession) document.documentElement.dataset.state = firstSession.seen ? 'live' : 'connecting';
  document.head.append(rest.content);
  rest.remove();
}

/** nextSession is the one that has begun, and then new ones. */
function nextSession() {
  const session = firstSession ?? new Session();
  firstSession = null;
  return session;
}
