// Takes the place of WebSocket before the page's own code runs: each socket is
// answered by a server that acts as window.act says, and that a test directs.
(() => {
  'use strict';
  const Peer = window.RTCPeerConnection;
  const play = HTMLMediaElement.prototype.play;

  window.act = 'live';     // live | opening | lost | mute | blocked | slow | full | no-codec | away
  window.sockets = [];     // all there were, the newest last
  window.sent = [];        // all messages of the page
  window.troubles = [];    // errors that nobody caught, and violations of the content policy
  window.samples = 0;      // calls of getStats: the page's clock
  window.frozen = false;   // the camera gives no new pictures
  window.old = false;      // the server knows no restart
  window.mjpeg = false;    // it has a stream
  window.shy = false;      // the browser refuses autoplay

  addEventListener('error', (event) => troubles.push(event.message));
  addEventListener('unhandledrejection', (event) => troubles.push(String(event.reason)));
  document.addEventListener('securitypolicyviolation', (event) => troubles.push(event.violatedDirective));

  // Each page has its own, though all are of one origin.
  const stored = new Map();
  Object.defineProperty(window, 'localStorage', {
    value: { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) },
  });

  const getStats = Peer.prototype.getStats;
  Peer.prototype.getStats = function (...args) { window.samples++; return getStats.apply(this, args); };
  HTMLMediaElement.prototype.play = function () {
    return shy ? Promise.reject(new DOMException('no gesture', 'NotAllowedError')) : play.call(this);
  };

  const pull = window.fetch;
  window.fetch = (url, ...args) => {
    if (!String(url).endsWith('/stream')) return pull(url, ...args);
    return mjpeg ? new Response(parts(args[0].signal)) : new Response('', { status: 503 });
  };

  /** parts is a multipart body, in pieces that end anywhere. */
  function parts(signal) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    let n = 0;
    return new ReadableStream({
      async pull(controller) {
        if (signal.aborted || !mjpeg) return controller.close();
        canvas.getContext('2d').fillStyle = `hsl(${n++ % 360} 60% 50%)`;
        canvas.getContext('2d').fillRect(0, 0, 320, 240);
        const picture = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg'); });
        const part = new Blob([`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.size}\r\n\r\n`, picture, '\r\n']);
        const bytes = new Uint8Array(await part.arrayBuffer());
        const cut = n * 37 % bytes.length;
        controller.enqueue(bytes.subarray(0, cut));
        controller.enqueue(bytes.subarray(cut));
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      },
    });
  }

  let stream;
  function camera() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      if (frozen) return;
      context.fillStyle = `hsl(${n++ % 360} 60% 50%)`;
      context.fillRect(0, 0, 320, 240);
    }, 33);
    return canvas.captureStream(30);
  }

  window.WebSocket = class {
    static OPEN = 1;
    readyState = 0;

    constructor(url) {
      this.url = url;
      sockets.push(this);
      setTimeout(() => {
        if (this.readyState !== 0) return;
        if (act === 'away') return this.die();
        this.readyState = 1;
        this.id = new URL(this.url).searchParams.get('pull');
        this.onopen({});
        this.start();
      });
    }

    close() { this.readyState = 3; }

    die(reason = '') {
      this.readyState = 3;
      this.peer?.close();
      this.onclose?.({ reason });
    }

    /** say sends to the page what is an object as JSON, and strings as they are. */
    say(message) {
      const data = typeof message === 'string' ? message : JSON.stringify({ id: this.id, ...message });
      setTimeout(() => this.onmessage?.({ data }));
    }

    camera(state, detail) { this.say({ type: 'state', camera: state, detail }); }

    async send(text) {
      const message = JSON.parse(text);
      sent.push(message);
      switch (message.type) {
        case 'answer':
          if (this.act === 'slow') await new Promise((resolve) => { this.hurry = resolve; });
          return this.act === 'blocked' || this.peer.setRemoteDescription(message.answer);
        case 'candidate': return this.act === 'blocked' || this.act === 'slow' || this.peer.addIceCandidate(message.candidate);
        case 'restart': return old ? this.say({ type: 'error', code: 'unknown-type', message: 'x' }) : this.offerAgain();
        case 'quality': this.choice = message.rendition; return;
        case 'stats': return this.tell();
        case 'bye': return this.peer?.close();
      }
    }

    /** tell says what a server tells of itself. */
    tell() {
      const choices = ['full', 'half'].map((rendition, i) => ({ rendition, width: 320 >> i, height: 240 >> i }));
      this.say({
        type: 'stats', codec: 'vp8', rendition: 'full', choice: this.choice ?? 'auto', choices, width: 320, height: 240,
        framesPerSecond: 30, captureToSendP50Ms: 5, captureToSendP95Ms: 8, roundTripMs: 3, timeMs: null, rtpTimestamp: 0,
      });
    }

    start() {
      this.act = act; // to the end of this session
      switch (act) {
        case 'full':
        case 'no-codec': return this.say({ type: 'error', code: act, message: 'as the server says' });
        case 'opening':
        case 'lost': return this.camera(act, 'as the server says');
        case 'mute': return this.camera('live');
      }
      this.camera('live');
      return this.offer();
    }

    async offer() {
      this.peer = new Peer();
      // Early on purpose: the page has to hold them until it has the offer.
      if (this.act !== 'blocked') this.peer.onicecandidate = ({ candidate }) => candidate && this.say({ type: 'candidate', candidate });
      stream ??= camera();
      this.peer.addTrack(stream.getVideoTracks()[0], stream);
      return this.offerAgain();
    }

    async offerAgain() {
      await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart: true }));
      let { sdp } = this.peer.localDescription;
      if (this.act === 'blocked') sdp += 'a=candidate:1 1 udp 2130706431 192.0.2.200 4444 typ host\r\n';
      setTimeout(() => this.say({ type: 'offer', offer: { type: 'offer', sdp } }), 20);
    }
  };

  /** press acts a key, pressed with nothing focused. */
  window.press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

  /** finger acts one on the picture: a number of its own, and where it is from the window's middle. */
  window.finger = (type, id, x, y) => picture.dispatchEvent(new PointerEvent(`pointer${type}`, {
    pointerId: id, pointerType: 'touch', isPrimary: id === 1, bubbles: true, clientX: innerWidth / 2 + x, clientY: innerHeight / 2 + y,
  }));

  /** saved are the pictures that the page downloads: {name, type, width, height}. */
  window.saved = [];
  const blobs = new Map();
  const createObjectURL = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    blobs.set(url, blob);
    return url;
  };
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = async function () {
    if (!this.download) return click.call(this);
    const blob = blobs.get(this.href);
    const { width, height } = await createImageBitmap(blob);
    saved.push({ name: this.download, type: blob.type, width, height });
  };

  // The camera's settings, and its own picture of 400 x 200, as a server has them.
  window.settings = null;  // those of api/v1/controls; null where the server has none
  window.exactly = '';     // what GET and PATCH answer instead, word for word
  window.role = 'operator';
  window.patches = [];     // bodies of PATCH
  window.problem = null;   // what PATCH answers instead: {status, ...}
  window.hold = Promise.resolve(); // what an answer to PATCH waits for
  window.login = true;     // there are accounts
  window.session = false;  // and who asks has logged in
  window.photo = false;    // there is /snapshot
  const request = window.fetch;
  const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
  window.fetch = async (url, options) => {
    switch (new URL(url, document.baseURI).pathname) {
      case '/snapshot': {
        if (!photo) break;
        const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 200 });
        canvas.getContext('2d').fillRect(0, 0, 400, 200);
        return new Response(await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg'); }));
      }
      case '/api/v1/state': return json({ role, login, session });
      case '/api/v1/controls':
        if (exactly && options?.method !== 'PATCH') return new Response(exactly);
        if (!settings && !exactly) return json({}, 404);
        if (options?.method === 'PATCH') {
          const change = JSON.parse(options.body);
          patches.push(change);
          await hold;
          if (problem) return json(problem, problem.status);
          if (exactly) return new Response(exactly);
          for (const s of settings) {
            if (s.key in (change.set ?? {})) Object.assign(s, { value: change.set[s.key], kept: true });
            if (change.reset || change.default?.includes(s.key)) Object.assign(s, { value: s.default, kept: false });
          }
        }
        return json({ controls: settings });
    }
    return request(url, options);
  };

  /** slide acts a drag of a setting's field to a value. */
  window.slide = (key, value) => {
    const field = document.getElementById(`setting-${key}`);
    field.value = value;
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
  };

  /** hide acts the page's going to the background, and coming back. */
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  window.hide = (yes) => {
    hidden = yes;
    document.dispatchEvent(new Event('visibilitychange'));
  };
})();
