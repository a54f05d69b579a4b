// Keeps the picture coming: starts sessions, notices when one is dead, starts
// the next. It knows no words and no buttons; it reports a state.

import { Backoff } from './backoff.js';
import { diagnose } from './diagnose.js';

// In milliseconds.
const TICK = 500;
const STALL_LIMIT = 2000;       // no new picture though the camera is live
const WAKE_STALL_LIMIT = 1500;  // the same when the page has just come back
const RESTART_LIMIT = 3000;     // from an ICE restart to the next picture
const FIRST_LIMIT = 8000;       // from a connection to the first picture
const SLOW_LIMIT = 30000;       // the same, when the server says what is waited for
const SLEEP_GAP = 5000;         // a tick this late means the computer slept
const ASK_EVERY = 10000;        // while nothing flows: is the server still there?
const HIDDEN_LIMIT = 60000;     // a hidden page frees the camera after this
const SLOW_RETRY = { full: 3000, blocked: 10000, codec: 30000 }; // at least, for what will not change at once

/**
 * Player shows the camera in a video element and calls
 *   change({state, reason, detail, retryAt})  whenever one of them changes
 *   sample(rtcStatsReport)                    every second while connected
 *   stats(message)                            the server's, every second while a picture is shown
 *   quality({choices, chosen, current})       with it; choices are {name, width, height}
 * state: connecting | opening | waiting | live | lost | gone | full | failed | paused.
 * reason refines it (see words.js); retryAt is a Date.now() time, or 0.
 */
export class Player {
  #video;
  #on;
  #session = null;
  #backoff = new Backoff();
  #retry = 0;            // timer of the next try
  #leave = 0;            // timer of a hidden page
  #report = { state: '', reason: '', detail: '', retryAt: 0 };
  #camera = '';          // the server's last word
  #note = '';            // what it says about a live camera
  #wanted = true;        // not paused by the user
  #lastTick = Date.now();
  #asked = 0;            // Date.now() of the last ask
  #frames = -1;          // decoded so far, -1 before the first count
  #progress = 0;         // Date.now() of the last new frame, or of a reason to expect one
  #gap = 0;              // the longest between two pictures lately, in milliseconds
  #stallLimit = FIRST_LIMIT;
  #restarted = false;    // ICE, and there was no new picture since
  #ticks = 0;
  #network = navigator.connection?.type;
  #rendition = 'auto';   // the user's choice

  constructor(video, on) {
    this.#video = video;
    this.#on = on;
    addEventListener('online', () => this.#nudge());
    navigator.connection?.addEventListener?.('change', () => this.#networkChanged());
    addEventListener('pagehide', () => this.#drop());
    addEventListener('pageshow', (event) => { if (event.persisted && this.#wanted) this.#connect(); });
    document.addEventListener('visibilitychange', () => this.#visibility());
    video.addEventListener('pause', () => this.#show());
    setInterval(() => this.#tick(), TICK);
    this.#visibility(); // a page opened in a background tab waits
  }

  /** play starts, goes on after pause or a refused autoplay, or tries now instead of later. */
  play() {
    this.#wanted = true;
    if (this.#report.reason === 'tap') this.#show();
    else this.#connect();
  }

  /** pause holds the picture and frees the camera. */
  pause() {
    this.#wanted = false;
    this.#drop();
    this.#set('paused', 'user');
  }

  /** choose has a rendition sent, "auto" or one of the choices, also by later sessions. */
  choose(rendition) {
    this.#rendition = rendition;
    this.#session?.send({ type: 'quality', rendition });
  }

  /** ask has the server send its statistics now, and every second. */
  ask() { this.#session?.send({ type: 'stats', on: true }); }

  #set(state, reason = '', detail = '', retryAt = 0) {
    const r = this.#report;
    if (r.state === state && r.reason === reason && r.detail === detail && r.retryAt === retryAt) return;
    this.#report = { state, reason, detail, retryAt };
    this.#on.change(this.#report);
  }

  /**
   * progressed reports a step on the way to the picture, but not over a
   * trouble that only the picture itself proves to be over.
   */
  #progressed(to, text = '') {
    const { state, reason, detail } = this.#report;
    if (state === 'failed' || reason === 'stalled') this.#set(state, reason, detail);
    else if (reason !== 'tap') this.#set(to, '', text);
  }

  #connect() {
    this.#drop();
    if (!window.RTCPeerConnection) return this.#set('failed', 'webrtc');
    // What is wrong stays on the screen until this try gets further.
    const { state, reason, detail } = this.#report;
    if (state === 'gone' || state === 'full') this.#set(state, reason, detail);
    else this.#progressed('connecting');
    this.#asked = Date.now();
    const session = nextSession(); // of session.js
    this.#session = session;
    session.tell({
      camera: (message) => this.#cameraState(message),
      stream: (stream) => this.#stream(stream),
      stats: (message) => this.#stats(message),
      slow: (ports) => this.#set('failed', 'blocked', ports),
      lost: (failed) => this.#lost(failed),
      end: (why, text) => this.#ended(session, why, text),
    });
    if (session.seen) this.#seen();
  }

  /** drop ends the session, if there is one, and whatever waits for the next. */
  #drop() {
    clearTimeout(this.#retry);
    if (this.#session) this.#video.pause(); // holds the last picture; an ended track would turn it black
    this.#session?.close();
    this.#session = null;
    this.#camera = this.#note = '';
    this.#restarted = false;
  }

  #cameraState({ camera, detail, waiting }) {
    const before = this.#camera;
    this.#camera = camera;
    if (!before && this.#rendition !== 'auto') this.choose(this.#rendition); // a new session does not know
    const text = typeof detail === 'string' ? detail : '';
    switch (camera) {
      case 'lost':
        return this.#set('lost', '', text);
      case 'live':
        this.#note = text;
        if (before !== 'live') this.#expect();
        else if (this.#report.state === 'live') this.#set('live', '', text);
        if (waiting && this.#report.state === 'waiting') this.#patience(text);
        return;
      default: // idle is what it was before we came
        return this.#progressed('opening', text);
    }
  }

  #stats(message) {
    this.#on.stats(message);
    const choices = (message.choices ?? []).map(({ rendition, width, height }) => ({ name: rendition, width, height }));
    this.#on.quality({ choices, chosen: message.choice, current: message.rendition });
  }

  /** patience is for a camera that lets wait for its picture, and says so. */
  #patience(text) {
    this.#progressed('waiting', text);
    this.#stallLimit = SLOW_LIMIT;
  }

  #stream(stream) {
    attach(this.#video, stream); // of session.js
    if (this.#camera && this.#camera !== 'live') this.#show(); // its words stay
    else this.#expect();
  }

  /** expect waits for the next picture to be seen. */
  #expect() {
    this.#progressed('waiting');
    this.#frames = -1;
    this.#progress = Date.now();
    this.#stallLimit = FIRST_LIMIT;
    const session = this.#session;
    const seen = () => { if (session === this.#session) this.#seen(); };
    this.#video.requestVideoFrameCallback?.(seen);
    this.#show();
  }

  #seen() {
    if (this.#camera === 'lost' || this.#camera === 'opening') return;
    if (this.#video.paused || this.#report.state === 'live') return;
    this.#backoff.reset();
    this.ask();
    this.#stallLimit = STALL_LIMIT;
    this.#set('live', '', this.#note);
  }

  /** show plays the element, which a browser may refuse until somebody taps. */
  async #show() {
    if (!this.#watched || !this.#session || !this.#video.srcObject?.active) return;
    try {
      await this.#video.play();
      if (this.#report.reason !== 'tap') return;
      this.#set('waiting');
      this.#expect();
    } catch (error) {
      if (error.name === 'NotAllowedError') this.#set('waiting', 'tap');
    }
  }

  #ended(session, why, text) {
    if (session !== this.#session) return;
    const wait = Math.max(this.#backoff.next(), (SLOW_RETRY[why] ?? 0) * (0.75 + Math.random() / 2));
    this.#drop();
    const at = Date.now() + wait;
    this.#retry = setTimeout(() => this.#connect(), wait);
    switch (why) {
      case 'full':
        return this.#set('full', '', text, at);
      case 'blocked':
      case 'codec':
      case 'error':
        return this.#set('failed', why, text, at);
      case 'unreachable':
        return this.#unreachable(at);
      default:
        return this.#set('gone', why, text, at);
    }
  }

  /** unreachable asks by plain HTTP what is in the way of the WebSocket. */
  async #unreachable(at) {
    const timer = this.#retry;
    if (this.#report.state !== 'gone') this.#set('gone', 'unreachable', '', at);
    const { reason, detail } = await diagnose();
    if (timer === this.#retry && !this.#session) this.#set('gone', reason, detail, at);
  }

  #nudge() {
    if (this.#wanted && !document.hidden && !(this.#session?.connected && this.#report.state === 'live')) this.#connect();
  }

  #visibility() {
    clearTimeout(this.#leave);
    this.#lastTick = Date.now();
    if (document.hidden) {
      this.#leave = setTimeout(() => this.#away(), HIDDEN_LIMIT);
      return;
    }
    if (!this.#wanted) return;
    if (!this.#session) return this.#connect();
    if (this.#session.established && !this.#session.connected) return this.#lost(true);
    this.#frames = -1;
    this.#progress = Date.now();
    if (this.#report.state === 'live') this.#stallLimit = WAKE_STALL_LIMIT;
    this.#show();
  }

  #away() {
    if (!this.#wanted || document.pictureInPictureElement) return;
    this.#drop();
    this.#set('paused', 'hidden');
  }

  async #tick() {
    const now = Date.now();
    const slept = now - this.#lastTick > SLEEP_GAP;
    this.#lastTick = now;
    if (!this.#watched) return;
    if (slept) return this.#connect();
    this.#ticks++;
    const session = this.#session;
    if (!session) return;
    if (!session.established) this.#progress = now; // no picture is due yet
    if (!session.established && now - this.#asked > ASK_EVERY) return this.#ask(session);
    const report = await session.stats();
    if (!report || session !== this.#session) return;
    this.#count(report);
    if (this.#ticks % 2 === 0) this.#on.sample(report);
  }

  /**
   * ask makes sure that the server is still there while there is no media to
   * tell: a WebSocket whose other end lost its power looks open for minutes.
   */
  async #ask(session) {
    this.#asked = Date.now();
    const { reason } = await diagnose();
    if (session !== this.#session || session.established) return;
    if (reason === 'unreachable' || reason === 'offline') this.#ended(session, 'dropped', '');
  }

  /** count compares the decoded frames with those a second ago. */
  #count(report) {
    let frames = 0;
    for (const s of report.values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') frames = s.framesDecoded ?? 0;
    }
    const advanced = frames > this.#frames && this.#frames >= 0;
    this.#frames = frames;
    const now = Date.now();
    if (advanced) {
      this.#gap = Math.max(now - this.#progress, this.#gap * 0.8);
      this.#progress = now;
      this.#restarted = false;
      // A camera may be that slow.
      if (this.#report.state === 'live') this.#stallLimit = Math.min(Math.max(STALL_LIMIT, 3 * this.#gap), FIRST_LIMIT);
      else if (!this.#video.requestVideoFrameCallback || document.hidden) this.#seen();
    }
    if (!this.#due || !this.#session.established || this.#report.reason === 'tap') return;
    if (now - this.#progress > this.#stallLimit) this.#revive();
  }

  /** due: there ought to be new pictures. */
  get #due() { return this.#camera === 'live' || this.#camera === ''; }

  /** watched: somebody may be looking. */
  get #watched() { return this.#wanted && (!document.hidden || Boolean(document.pictureInPictureElement)); }

  /** revive looks for a new way to the server first. Where that was in vain, it begins anew. */
  #revive() {
    if (this.#restarted || !this.#session.restart()) return this.#restart();
    this.#restarted = true;
    if (!this.#due) return; // what the page says is so all the same
    this.#set('waiting', 'stalled');
    this.#expect();
    this.#stallLimit = RESTART_LIMIT;
  }

  /** lost: the browser says that nothing comes through, which is sooner where nothing is to come. */
  #lost(failed) {
    if (!this.#watched) return;
    if (!this.#restarted) this.#revive();
    else if (failed) this.#restart();
  }

  /** networkChanged is of a device with several networks; the address has changed with it. */
  #networkChanged() {
    const { type } = navigator.connection;
    if (type === this.#network) return;
    this.#network = type;
    if (this.#session?.established) this.#lost(true);
    else this.#nudge();
  }

  /** restart replaces a session whose picture stands still. */
  #restart() {
    const wait = this.#backoff.next();
    this.#drop();
    this.#retry = setTimeout(() => this.#connect(), wait);
    this.#set('waiting', 'stalled', '', Date.now() + wait);
  }
}
