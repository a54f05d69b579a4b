// What arrives, how, and how old it is: numbers, small graphs, and a report to
// paste where somebody is asked for help.

import { text } from './words.js';

const KEPT = 60;     // samples in a graph
const PICTURES = 90; // whose age is reckoned at a time
const SYNC = 5;      // samples from one look at the server's clock to the next
const SYNCS = 8;     // looks of which the best counts
const NAMES = { H264: 'H.264', H265: 'H.265' };

/** The lines in their order; those with true have a graph. */
const LINES = {
  'stats.size': false, 'stats.rate': true, 'stats.bitrate': true, 'stats.codec': false, 'stats.rendition': false, 'stats.loss': true,
  'stats.round trip': true, 'stats.buffer': false, 'stats.age': true, 'stats.freezes': false, 'stats.path': false,
};

/**
 * Statistics fills its element with what is known of the connection, once a
 * second while it is shown. events are what happened so far, for its report; ask has
 * the server send its statistics now.
 *
 * How old a picture is when it comes onto the screen is reckoned from the RTP
 * timestamp, which the server says the capture time of, and from the server's
 * clock: metadata.captureTime is not told of a stream that is only received. Where
 * the browser does not tell the timestamp it is the sum of what is known of the
 * way, and says so.
 */
export class Statistics {
  #element;
  #video;
  #ask;
  #lines = {};
  #graphs = {};
  #last = null;      // inbound-rtp of the sample before
  #server = null;    // the newest stats message
  #events;
  #pictures = [];    // {rtpTimestamp, expectedDisplayTime}
  #asked = 0;        // when the server's clock was asked for, 0 when it was not
  #clocks = [];      // {trip, ahead}: of the server's clock, in milliseconds
  #samples = 0;
  #values = {};      // what the lines say
  #codec = '';       // with its parameters, for the report

  constructor(element, video, events, ask) {
    this.#element = element;
    this.#video = video;
    this.#events = events;
    this.#ask = ask;
    this.#build();
    this.clear();
    this.#watch();
  }

  get shown() { return !this.#element.hidden; }

  toggle() {
    this.#element.hidden = !this.#element.hidden;
    this.#pictures = [];
  }

  /** clear is for when nothing arrives. */
  clear() {
    this.#last = this.#server = null;
    this.#pictures = [];
    this.#clocks = []; // also for a computer that slept, or another server
    for (const line of Object.keys(LINES)) this.#write(line, '–');
  }

  /** server takes the server's statistics. */
  server(message) {
    const now = clock();
    if (this.#asked && message.timeMs) {
      this.#clocks.push({ trip: now - this.#asked, ahead: message.timeMs - (this.#asked + now) / 2 });
      this.#clocks.splice(0, this.#clocks.length - SYNCS);
    }
    this.#server = message;
    // The next comes in a second, so that what comes sooner is the answer.
    const sync = !this.#asked && this.shown && (this.#clocks.length < 3 || this.#samples % SYNC === 0);
    this.#asked = sync ? now : 0;
    if (sync) this.#ask();
  }

  /** sample takes an RTCStatsReport. Rates are taken against the one before. */
  sample(report) {
    this.#samples++;
    let video = null;
    let pair = null;
    for (const s of report.values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') video = s;
      // Several may be nominated. Firefox says it of the pair that is in use, others of the transport.
      if (s.type === 'candidate-pair' && (s.selected ?? report.get(s.transportId)?.selectedCandidatePairId === s.id)) pair = s;
    }
    if (!video) return;
    const last = this.#last?.id === video.id ? this.#last : null;
    this.#last = video;
    if (this.shown && last) this.#show(report, video, last, pair);
  }

  /** stream is for what comes without WebRTC: pictures, bytes, width and height so far. */
  stream({ frames, bytes, width, height }) {
    const now = { id: 'stream', timestamp: clock(), frames, bytes };
    const last = this.#last?.id === now.id ? this.#last : now;
    this.#last = now;
    if (!this.shown) return;
    const [rate, bitrate] = [per(last, now, 'frames'), per(last, now, 'bytes') * 8];
    this.#say('size', `${width} × ${height}`);
    this.#say('rate', fps(rate), rate);
    this.#say('bitrate', bits(bitrate), bitrate);
    this.#say('codec', 'MJPEG');
    this.#draw();
  }

  #show(report, video, last, pair) {
    const { mimeType = '', sdpFmtpLine = '' } = report.get(video.codecId) ?? {};
    const server = this.#server;
    const name = mimeType.split('/')[1] ?? '';
    this.#codec = [mimeType, sdpFmtpLine, video.decoderImplementation].filter(Boolean).join(' ');
    const rate = per(last, video, 'framesDecoded');
    const bitrate = per(last, video, 'bytesReceived') * 8;
    const came = video.packetsReceived - last.packetsReceived;
    const lost = Math.max(0, video.packetsLost - last.packetsLost);
    const loss = lost ? 100 * lost / (came + lost) : 0;
    const trip = pair?.currentRoundTripTime * 1000 || server?.roundTripMs || 0;
    const buffered = each(last, video, 'jitterBufferDelay', 'jitterBufferEmittedCount');
    const decoding = each(last, video, 'totalDecodeTime', 'framesDecoded');

    if (video.frameWidth) this.#say('size', `${video.frameWidth} × ${video.frameHeight}`);
    this.#say('rate', fps(rate), rate);
    this.#say('bitrate', bits(bitrate), bitrate);
    this.#say('codec', NAMES[name] ?? name);
    if (server) this.#say('rendition', `${server.rendition} (${server.choice})`);
    this.#say('loss', `${loss.toFixed(1)} % (${Math.max(0, video.packetsLost)})`, loss);
    this.#say('round trip', ms(trip), trip);
    this.#say('buffer', ms(buffered));
    this.#sayAge(trip / 2 + buffered + decoding);
    if (video.freezeCount !== undefined) this.#say('freezes', `${video.freezeCount} (${(video.totalFreezesDuration ?? 0).toFixed(1)} s)`);
    const [here, there] = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => report.get(id) ?? {});
    if (pair) this.#say('path', `${there.protocol?.toUpperCase()} (${here.candidateType} → ${there.candidateType})`);
    this.#draw();
  }

  /** sayAge: underway is what is known of the way from the server to the screen. */
  #sayAge(underway) {
    const age = this.#age();
    if (age !== null) this.#say('age', ms(age), age);
    else if (this.#server?.captureToSendP50Ms) {
      const sum = this.#server.captureToSendP50Ms + underway;
      this.#say('age', text('stats.estimate', ms(sum)), sum);
    }
  }

  /** age is that of the pictures shown lately, in the middle; null where it cannot be told. */
  #age() {
    const { timeMs, rtpTimestamp } = this.#server ?? {};
    const best = this.#clocks.reduce((a, b) => (a && a.trip <= b.trip ? a : b), null);
    if (!best || !timeMs || this.#pictures.length === 0) return null;
    const ages = this.#pictures.splice(0).map((picture) => {
      const captured = timeMs + ((picture.rtpTimestamp - rtpTimestamp) | 0) / 90; // 90 kHz, 32 bits
      return performance.timeOrigin + picture.expectedDisplayTime + best.ahead - captured;
    });
    return Math.max(0, ages.sort((a, b) => a - b)[ages.length >> 1]);
  }

  /** watch hears of each picture that comes onto the screen. */
  #watch() {
    this.#video.requestVideoFrameCallback?.((_, { rtpTimestamp, expectedDisplayTime }) => {
      this.#watch();
      if (!this.shown || rtpTimestamp === undefined) return;
      this.#pictures.push({ rtpTimestamp, expectedDisplayTime });
      this.#pictures.splice(0, this.#pictures.length - PICTURES);
    });
  }

  #build() {
    const list = make('dl');
    for (const [name, graph] of Object.entries(LINES)) {
      const line = make('div');
      const value = make('dd');
      line.append(make('dt', text(name)), value);
      if (graph) {
        const canvas = Object.assign(make('canvas'), { width: 160, height: 36 });
        canvas.setAttribute('aria-hidden', 'true');
        line.append(canvas);
        this.#graphs[name] = { canvas, values: [] };
      }
      this.#lines[name] = value;
      list.append(line);
    }
    const copy = Object.assign(make('button', text('stats.copy')), { type: 'button', className: 'button' });
    copy.addEventListener('click', async () => {
      copy.textContent = text(await this.#copy(await this.#report()) ? 'stats.copied' : 'stats.not copied');
      setTimeout(() => { copy.textContent = text('stats.copy'); }, 3000);
    });
    this.#element.append(list, copy);
  }

  #say(line, words, value) { this.#write(`stats.${line}`, words, value); }

  #write(name, words, value) {
    this.#values[name] = words;
    this.#lines[name].textContent = words.replaceAll(' ', '\u00a0');
    const graph = this.#graphs[name];
    if (!graph || value === undefined) return;
    graph.values.push(value);
    graph.values.splice(0, graph.values.length - KEPT);
  }

  #draw() {
    for (const { canvas, values } of Object.values(this.#graphs)) {
      const { width, height } = canvas;
      const context = canvas.getContext('2d');
      const most = Math.max(...values, 1e-9) * 1.15;
      context.clearRect(0, 0, width, height);
      context.strokeStyle = '#8ab4ff';
      context.lineWidth = 3;
      context.beginPath();
      values.forEach((value, i) => {
        context.lineTo(width - (values.length - 1 - i) * width / (KEPT - 1), height - 2 - (height - 4) * value / most);
      });
      context.stroke();
    }
  }

  async #report() {
    const server = await fetch(new URL('api/v1/state', document.baseURI)).then((r) => r.json()).catch(() => ({}));
    return [
      `pushcam ${server.version ?? ''}`, new Date().toISOString(), navigator.userAgent,
      `${innerWidth} × ${innerHeight} × ${devicePixelRatio}`, this.#codec, '',
      ...Object.entries(this.#values).map(([name, words]) => `${name.slice('stats.'.length)}: ${words}`), '',
      // Enough of the id to find it in the server's log: who has it all can end the session.
      ...this.#events, '', JSON.stringify({ ...this.#server, id: this.#server?.id?.slice(0, 8) }), JSON.stringify(server.camera),
    ].join('\n');
  }

  /** copy has the older way too: the newer one is not there on plain http pages. */
  async #copy(words) {
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch {
      const field = Object.assign(make('textarea'), { value: words, readOnly: true, ariaLabel: text('stats.copy') });
      this.#element.append(field);
      field.select();
      const done = document.execCommand('copy');
      if (done) field.remove();
      return done; // else it stands there, selected
    }
  }
}

function make(name, words = '') { return Object.assign(document.createElement(name), { textContent: words }); }

/** clock is in milliseconds since 1970, and does not jump. */
function clock() { return performance.timeOrigin + performance.now(); }

/** per is the change in a second; timestamps are in milliseconds. */
function per(a, b, field) {
  const seconds = (b.timestamp - a.timestamp) / 1000;
  return seconds > 0 ? Math.max(0, (b[field] - a[field]) / seconds) : 0;
}

/** each is what a sum of seconds has grown by for each of what was counted, in milliseconds. */
function each(a, b, sum, count) {
  const n = b[count] - a[count];
  return n > 0 ? 1000 * (b[sum] - a[sum]) / n : 0;
}

function fps(rate) { return `${Math.round(rate)} fps`; }

function ms(value) { return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`; }

function bits(perSecond) {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(perSecond / 1e3)} kbit/s`;
}
