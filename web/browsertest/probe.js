// Runs in a page before the page's own scripts, with clock.js and faults.js in
// scope, and gives the tests `probe`.

const peers = []; // every RTCPeerConnection that the page made, in order
const sockets = []; // {url, opened, closed, socket()} of every WebSocket
const troubles = []; // errors that nobody caught, violations of the content policy, and what the page complains of
const steps = {}; // when each step of the first join was done, in milliseconds since the click

function done(step) { steps[step] ??= performance.now(); }

addEventListener('error', ({ message }) => troubles.push(message ?? 'not loaded'), true);
addEventListener('unhandledrejection', ({ reason }) => troubles.push(String(reason)));
addEventListener('securitypolicyviolation', ({ violatedDirective }) => troubles.push(violatedDirective));
for (const level of ['error', 'warn']) console[level] = (...words) => troubles.push(words.join(' '));

window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) {
    super(...args);
    peers.push(this);
    this.addEventListener('iceconnectionstatechange', () => { if (this.iceConnectionState === 'connected') done('ice'); });
    this.addEventListener('connectionstatechange', () => { if (this.connectionState === 'connected') done('dtls'); });
  }

  async setRemoteDescription(description) {
    // A page opened with #detour waits until the test knows another way to the server.
    await super.setRemoteDescription(location.hash === '#detour' ? await detoured(description) : description);
  }
};

/**
 * detoured is a description with candidates of one port: the port on this machine
 * that the test puts into probe.detour, once it has read probe.offered from it. It
 * is on all addresses, as Firefox does not send from 127.0.0.1 where it has another.
 */
async function detoured({ type, sdp }) {
  const udp = /^(a=candidate:\S+ 1 udp \d+ [\d.]+) (\d+) /;
  const lines = sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:') || udp.test(line));
  probe.offered = Number(udp.exec(lines.find((line) => udp.test(line)))[2]);
  const port = await probe.until(() => probe.detour, 20000);
  return { type, sdp: lines.map((line) => line.replace(udp, `$1 ${port} `)).join('\r\n') };
}

window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    const record = { url: this.url, opened: false, closed: false, socket: () => this };
    sockets.push(record);
    done('script');
    this.addEventListener('open', () => { record.opened = true; done('socket'); });
    this.addEventListener('message', ({ data }) => { if (JSON.parse(data).type === 'offer') done('offer'); });
    this.addEventListener('close', () => { record.closed = true; });
  }
};

addEventListener('DOMContentLoaded', () => {
  document.querySelector('video')?.requestVideoFrameCallback(() => done('picture'));
});

const POLL = 20; // milliseconds between two looks at a condition

window.probe = {
  sockets,
  peers,
  troubles,
  steps,
  readClock,
  still,
  faults,

  /** until resolves to the first value of test that is true enough. */
  async until(test, limit) {
    for (const start = performance.now(); ;) {
      const value = await test();
      if (value) return value;
      if (performance.now() - start > limit) throw new Error(`not within ${limit} ms`);
      await new Promise((resolve) => { setTimeout(resolve, POLL); });
    }
  },

  /** state is what the page says. */
  state() {
    const text = (id) => document.getElementById(id)?.textContent ?? '';
    const { state = '', reason = '' } = document.documentElement.dataset;
    return { state, reason, title: text('title'), text: text('text'), detail: text('detail') };
  },

  /** say sends a message of this page's newest session to the server. */
  say(message) {
    const { url, socket } = sockets.at(-1);
    socket().send(JSON.stringify({ ...message, id: new URL(url).searchParams.get('pull') }));
  },

  /** line is the number that the statistics say of a name; 0 when they say none. */
  line(name) {
    const title = [...document.querySelectorAll('#info dt')].find((dt) => dt.textContent === name);
    return parseFloat(title?.nextElementSibling.textContent) || 0;
  },

  /** reception is what the newest connection receives; codec is '' before anything does. */
  async reception() {
    const result = {
      codec: '', decoded: 0, transport: '', width: 0, bytes: 0, lost: 0, nacks: 0, requests: 0, freezes: 0, frozen: 0, buffered: 0, emitted: 0,
    };
    const report = await peers.at(-1)?.getStats() ?? new Map();
    for (const s of report.values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') {
        result.codec = report.get(s.codecId)?.mimeType ?? '';
        result.decoded = s.framesDecoded ?? 0;
        result.width = s.frameWidth ?? 0;
        result.bytes = s.bytesReceived;
        result.lost = s.packetsLost;
        result.nacks = s.nackCount ?? 0;
        result.requests = (s.pliCount ?? 0) + (s.firCount ?? 0);
        result.freezes = s.freezeCount ?? 0;
        result.frozen = s.totalFreezesDuration ?? 0;
        result.buffered = s.jitterBufferDelay ?? 0;
        result.emitted = s.jitterBufferEmittedCount ?? 0;
      }
      if (s.type === 'candidate-pair' && (s.selected ?? report.get(s.transportId)?.selectedCandidatePairId === s.id)) {
        result.transport = report.get(s.remoteCandidateId)?.protocol ?? '';
      }
    }
    return result;
  },

  /** layers is what becomes of the pictures that the newest connection receives. */
  async layers() {
    const report = await peers.at(-1).getStats();
    const s = [...report.values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video') ?? {};
    return {
      codec: report.get(s.codecId)?.mimeType ?? '', decoded: s.framesDecoded ?? 0, dropped: s.framesDropped ?? 0,
      keyframes: s.keyFramesDecoded ?? 0, requests: (s.pliCount ?? 0) + (s.firCount ?? 0),
    };
  },

  /**
   * frames resolves to the next ones that the video element shows:
   * {clock, seen}, the time in the picture and the time it is shown at, both in
   * milliseconds since 1970.
   */
  async frames(count, limit) {
    const video = document.querySelector('video');
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const frames = [];
    const deadline = performance.now() + limit;
    while (frames.length < count) {
      const seen = await nextFrame(video, deadline - performance.now(), () => {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        context.drawImage(video, 0, 0);
        // Not before: what is drawn may be newer than what the call was about.
        return Date.now();
      });
      try {
        frames.push({ clock: readClock(context.getImageData(0, 0, canvas.width, canvas.height)), seen });
      } catch (error) {
        // Chromium may show black before the first picture of a stream.
        if (frames.length > 0) throw error;
      }
    }
    return frames;
  },

  /** says resolves to what the statistics say of a name, in the middle of a time. */
  async says(name, milliseconds) {
    const values = [];
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      values.push(probe.line(name));
    }
    return values.sort((a, b) => a - b)[values.length >> 1];
  },

  /**
   * ages resolves to how old each picture is, in milliseconds, when the page
   * is told that it is shown, or, expected, when the browser means to have it on the
   * screen; of all that are shown within a time.
   */
  async ages(milliseconds, expected = false) {
    const video = document.querySelector('video');
    // The clock needs no more, and what it costs to read delays the next picture.
    const canvas = Object.assign(document.createElement('canvas'), { width: 360, height: 200 });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const frames = [];
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      frames.push(await nextFrame(video, milliseconds, (_, { rtpTimestamp, expectedDisplayTime }) => {
        const seen = expected ? performance.timeOrigin + expectedDisplayTime : Date.now();
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        const clock = readClock(context.getImageData(0, 0, canvas.width, canvas.height));
        return { age: seen - clock, off: (clock * 90 - rtpTimestamp) % 2 ** 32 };
      }));
    }
    // What was drawn may be newer than what the call was about: then its clock
    // and its timestamp are not as far apart as usual.
    const usual = frames.map(({ off }) => off).sort((a, b) => a - b)[frames.length >> 1];
    return frames.filter(({ off }) => Math.abs(off - usual) < 900).map(({ age }) => age);
  },

  /** play clicks the play button and resolves to the milliseconds until a new picture is shown. */
  async play() {
    const before = performance.now();
    document.getElementById('play').click();
    return nextFrame(document.querySelector('video'), 10000, () => performance.now() - before);
  },

  /** pixels are the green ones of what the video element shows now. */
  async pixels() {
    const video = document.querySelector('video');
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
    if (canvas.width === 0) return [];
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 === 1);
  },
};

/** nextFrame resolves to what take returns, which is called when the next picture is shown. */
function nextFrame(video, limit, take) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no new picture')), limit);
    video.requestVideoFrameCallback((...about) => {
      clearTimeout(timer);
      try {
        resolve(take(...about));
      } catch (error) {
        reject(error);
      }
    });
  });
}
