// The picture where WebRTC cannot bring it: MJPEG over plain HTTP, which costs
// more, and gets through wherever the page itself did.

const RETRY = 3000;      // milliseconds after the stream has ended
const SILENCE = 10000;   // without a picture: the stream is dead
const LARGEST = 1 << 24; // bytes of a picture
const HEAD = 2048;       // and of what stands before it

/** The reasons, by state, that MJPEG does not share. */
const REASONS = { failed: ['blocked', 'codec', 'webrtc'], gone: ['proxy'] };
/** What the player goes through while it tries again. */
const MEANWHILE = ['connecting', 'opening', 'waiting', 'failed', 'full'];

/**
 * Fallback shows the stream in a canvas over the video while the player's tries
 * are in vain. The player goes on trying; when it shows a picture the canvas goes,
 * and not before. changed is called when there is another answer to heed.
 *
 * An image element could read the stream by itself, but tells nobody when it ends.
 */
export class Fallback {
  #canvas;
  #changed;
  #stream = null;  // an AbortController while it is on
  #reason = '';    // why it is on
  #seen = false;   // it shows something
  #yielded = false;
  #timer = 0;
  #busy = false;   // a picture is being decoded
  #frames = 0;
  #bytes = 0;

  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
  }

  /** counts is what has come: pictures and bytes. Null while it shows nothing. */
  get counts() {
    if (!this.#seen) return null;
    const { width, height } = this.#canvas;
    return { frames: this.#frames, bytes: this.#bytes, width, height };
  }

  /** heed takes the player's report and returns what to tell of it. */
  heed(report) {
    const { state, reason } = report;
    if (REASONS[state]?.includes(reason)) {
      this.#reason = reason;
      if (!this.#stream) this.#start();
    } else if (state === 'full' && this.#seen) {
      this.#yield();
    } else if (!MEANWHILE.includes(state)) {
      this.#stop();
    }
    return this.#seen ? { state: 'live', reason: 'mjpeg', detail: this.#reason, retryAt: 0 } : report;
  }

  async #start() {
    const stream = new AbortController();
    this.#stream = stream;
    try {
      await this.#read(stream);
    } catch {
      // The player finds out what is wrong with the server.
    }
    if (stream !== this.#stream) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), RETRY);
    this.#hide();
    this.#changed();
  }

  async #read(stream) {
    this.#alive(stream);
    const answer = await fetch(new URL('stream', document.baseURI), { signal: stream.signal, cache: 'no-store' });
    if (!answer.ok) throw new Error(answer.statusText);
    const parts = new Parts();
    for (const reader = answer.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#bytes += value.length;
      parts.add(value);
      for (let picture; (picture = parts.next());) this.#picture(stream, picture);
    }
  }

  /** alive is called with each picture. */
  #alive(stream) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => stream.abort(), SILENCE);
  }

  /** picture shows one, unless the last is still being decoded. */
  async #picture(stream, bytes) {
    this.#alive(stream);
    this.#frames++;
    if (this.#busy) return;
    this.#busy = true;
    try {
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      if (stream !== this.#stream) return;
      this.#canvas.width = bitmap.width;
      this.#canvas.height = bitmap.height;
      this.#canvas.getContext('2d').drawImage(bitmap, 0, 0);
      bitmap.close();
      if (!this.#seen) this.#show();
    } catch {
      // The next may be whole.
    } finally {
      this.#busy = false;
    }
  }

  #show() {
    this.#seen = true;
    this.#canvas.hidden = false;
    this.#changed();
  }

  #hide() {
    this.#seen = false;
    this.#canvas.hidden = true;
  }

  /** yield leaves our place at the server to the next try of WebRTC, once: it may be the last one. */
  #yield() {
    if (!this.#stream) this.#start();
    else if (!this.#yielded) this.#end();
    this.#yielded = true;
  }

  #stop() {
    this.#end();
    this.#hide();
    this.#yielded = false;
  }

  /** end is of the stream; its last picture stays. */
  #end() {
    clearTimeout(this.#timer);
    this.#stream?.abort();
    this.#stream = null;
  }
}

/** Parts cuts a multipart body (RFC 2046 section 5.1) whose parts tell their Content-Length. */
class Parts {
  #buffer = new Uint8Array(1 << 18);
  #from = 0;
  #to = 0;
  #length = -1; // of the part whose head was read

  add(chunk) {
    if (this.#to + chunk.length > this.#buffer.length) this.#room(chunk.length);
    this.#buffer.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  #room(more) {
    const held = this.#buffer.subarray(this.#from, this.#to);
    const needed = held.length + more;
    if (2 * needed > this.#buffer.length) this.#buffer = new Uint8Array(2 * needed);
    this.#buffer.set(held);
    [this.#from, this.#to] = [0, held.length];
  }

  /** next is the body of the next part, null while it is not whole. */
  next() {
    if (this.#length < 0 && !this.#head()) return null;
    const end = this.#from + this.#length;
    if (end > this.#to) return null;
    const body = this.#buffer.slice(this.#from, end);
    [this.#from, this.#length] = [end, -1];
    return body;
  }

  /** head reads the head of a part, and what stands before it. */
  #head() {
    const text = String.fromCharCode(...this.#buffer.subarray(this.#from, Math.min(this.#to, this.#from + HEAD)));
    const found = /^[^]*?content-length: *(\d+)[^]*?\r\n\r\n/i.exec(text);
    if (!found) {
      if (text.length === HEAD) throw new Error('a part without Content-Length');
      return false;
    }
    this.#from += found[0].length;
    this.#length = Number(found[1]);
    if (this.#length > LARGEST) throw new Error('a part too large');
    return true;
  }
}
