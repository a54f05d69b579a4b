// How the picture lies in the window: turned, mirrored, zoomed. style.css does it;
// this says how much, by fingers, wheel and keys.

const LARGEST = 8;
const CLOSE = 2.5;    // what a double tap zooms to
const STEP = 1.25;    // of a key
const NUDGE = 60;     // pixels that an arrow key pans
const TAP_GAP = 320;  // milliseconds between the taps of two
const TAP_SLOP = 30;  // pixels between them
const STORED = 'pushcam.view';

const root = document.documentElement;

/** embedded: the page is a player in another page; see session.js. */
export const embedded = root.hasAttribute('data-embed');

/**
 * View is of one stage, whose elements of class "picture" it moves. How the picture
 * is turned and mirrored is remembered.
 */
export class View {
  turn = 0;          // degrees clockwise, before mirroring; a multiple of 90
  mirrored = false;
  zoom = 1;
  #x = 0;            // of the picture's middle from the stage's, in pixels
  #y = 0;
  #stage;
  #changed = () => {};
  #pointers = new Map();
  #tap = { at: 0, x: 0, y: 0 };

  constructor(stage) {
    this.#stage = stage;
    this.#recall();
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    addEventListener('pointermove', (event) => this.#move(event));
    for (const type of ['pointerup', 'pointercancel']) addEventListener(type, (event) => this.#up(event));
    addEventListener('resize', () => this.#place());
    this.#place();
  }

  /** follow calls changed(view) now and after each change. */
  follow(changed) {
    this.#changed = changed;
    changed(this);
  }

  /** rotate turns what is seen by a quarter, clockwise. */
  rotate() {
    this.turn = (this.turn + (this.mirrored ? 270 : 90)) % 360;
    this.#remember();
  }

  /** mirror swaps left and right of what is seen. */
  mirror() {
    this.mirrored = !this.mirrored;
    this.#remember();
  }

  zoomIn() { this.#zoomTo(this.zoom * STEP, 0, 0); }

  zoomOut() { this.#zoomTo(this.zoom / STEP, 0, 0); }

  unzoom() { this.#zoomTo(1, 0, 0); }

  /** pan moves the window over the picture by steps; false where it shows all of it. */
  pan(right, down) {
    if (this.zoom === 1) return false;
    this.#x -= right * NUDGE;
    this.#y -= down * NUDGE;
    this.#place();
    return true;
  }

  /** #zoomTo keeps what lies at (x, y) from the stage's middle where it is. */
  #zoomTo(zoom, x, y) {
    const bounded = Math.min(LARGEST, Math.max(1, zoom));
    const next = bounded < 1.02 ? 1 : bounded;
    this.#x = x - (x - this.#x) * next / this.zoom;
    this.#y = y - (y - this.#y) * next / this.zoom;
    this.zoom = next;
    this.#place();
  }

  /** #place keeps the picture's edges out of the window, and tells style.css. */
  #place() {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    const turned = this.turn % 180 !== 0;
    const size = this.#size();
    const wide = turned ? size.height : size.width;
    const high = turned ? size.width : size.height;
    const scale = Math.min(width / wide, height / high) * this.zoom;
    const right = Math.max(0, (wide * scale - width) / 2);
    const down = Math.max(0, (high * scale - height) / 2);
    this.#x = Math.min(right, Math.max(-right, this.#x));
    this.#y = Math.min(down, Math.max(-down, this.#y));

    root.toggleAttribute('data-turned', turned);
    root.toggleAttribute('data-zoomed', this.zoom > 1);
    root.toggleAttribute('data-viewed', this.turn !== 0 || this.mirrored || this.zoom > 1);
    root.style.setProperty('--turn', `${this.turn}deg`);
    root.style.setProperty('--flip', this.mirrored ? -1 : 1);
    root.style.setProperty('--zoom', this.zoom);
    root.style.setProperty('--x', `${this.#x}px`);
    root.style.setProperty('--y', `${this.#y}px`);
    this.#changed(this);
  }

  #size() {
    for (const picture of this.#stage.querySelectorAll('.picture')) {
      const width = picture.videoWidth ?? picture.width;
      if (width && picture.checkVisibility?.() !== false) {
        return { width, height: picture.videoHeight ?? picture.height };
      }
    }
    return { width: 16, height: 9 };
  }

  #wheel(event) {
    // Over a player in another page, the wheel alone is that page's.
    if (!onPicture(event) || embedded && !event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = this.#fromMiddle(event);
    const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : 1);
    // A pinch on a touch pad comes as a wheel with small steps.
    this.#zoomTo(this.zoom * Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), x, y);
  }

  #down(event) {
    if (!onPicture(event) || event.button !== 0) return;
    this.#pointers.set(event.pointerId, this.#fromMiddle(event));
    if (event.pointerType === 'touch' && event.isPrimary) this.#tapped(event);
    if (this.#pointers.size > 1) this.#tap.at = 0;
  }

  #tapped(event) {
    const { x, y } = this.#fromMiddle(event);
    const last = this.#tap;
    const twice = event.timeStamp - last.at < TAP_GAP && Math.hypot(x - last.x, y - last.y) < TAP_SLOP;
    this.#tap = { at: twice ? 0 : event.timeStamp, x, y };
    if (twice) this.#zoomTo(this.zoom > 1 ? 1 : CLOSE, x, y);
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#fromMiddle(event);
    this.#pointers.set(event.pointerId, now);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      this.#x += (now.x - before.x) / 2;
      this.#y += (now.y - before.y) / 2;
      this.#zoomTo(this.zoom * apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else if (this.zoom > 1) {
      this.#x += now.x - before.x;
      this.#y += now.y - before.y;
      this.#place();
    }
  }

  #up(event) { this.#pointers.delete(event.pointerId); }

  #fromMiddle({ clientX, clientY }) {
    return { x: clientX - this.#stage.clientWidth / 2, y: clientY - this.#stage.clientHeight / 2 };
  }

  #remember() {
    try {
      localStorage.setItem(STORED, JSON.stringify({ turn: this.turn, mirrored: this.mirrored }));
    } catch {
      // Some browsers have no storage for pages in frames, or in private windows.
    }
    this.#place();
  }

  #recall() {
    try {
      const { turn, mirrored } = JSON.parse(localStorage.getItem(STORED)) ?? {};
      if ([0, 90, 180, 270].includes(turn)) this.turn = turn;
      this.mirrored = mirrored === true;
    } catch {
      // Nor can anything be recalled there.
    }
  }
}

/** onPicture tells whether an event is about the picture and no button over it. */
export function onPicture({ target }) { return target.matches('#stage, .picture'); }
