// The WebSocket to the server: one viewer, one JSON object in each message. A
// plain script, see session.js.

const OPEN_LIMIT = 6000; // milliseconds until the connection stands

/** randomID works on plain http pages too, where crypto.randomUUID does not exist. */
function randomID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * signalingURL is "ws" beside the page, so that any path in front of it works.
 * With the id, the server sends the offer without being asked once more.
 */
function signalingURL(id) {
  const url = new URL(`ws?pull=${id}`, document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/**
 * Signaling dials at once and calls the functions of the object given to it:
 *   open()
 *   message(object)           for this viewer, or for all of the connection
 *   close(opened, reason)     once, and nothing after it; not after close()
 */
class Signaling {
  #on;
  #id = randomID();
  #socket = null;
  #opened = false;
  #timer;

  constructor(on) {
    this.#on = on;
    this.#timer = setTimeout(() => this.#closed(''), OPEN_LIMIT);
    try {
      this.#socket = new WebSocket(signalingURL(this.#id));
    } catch (error) {
      queueMicrotask(() => this.#closed(error.message));
      return;
    }
    this.#socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#opened = true;
      on.open();
    };
    this.#socket.onmessage = ({ data }) => this.#received(data);
    this.#socket.onclose = ({ reason }) => this.#closed(reason);
  }

  /** send adds our id to the message. It does nothing while not connected. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...message, id: this.#id }));
  }

  close() {
    clearTimeout(this.#timer);
    this.#on = null;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  #received(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // not of this protocol
    }
    if (message === null || typeof message !== 'object') return;
    if (message.id && message.id !== this.#id) return;
    this.#on.message(message);
  }

  #closed(reason) {
    const on = this.#on;
    this.close();
    on?.close(this.#opened, reason);
  }
}
