// Buttons and keys. The buttons go away when nobody moves while the picture is
// live, and come back at a move, a tap, a key or keyboard focus.

import * as fullscreen from './fullscreen.js';
import * as pip from './pip.js';
import { embedded, onPicture } from './view.js';
import { label, text } from './words.js';

const IDLE = 3000; // milliseconds until the buttons go

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

export class Controls {
  #on;
  #picture;
  #view;
  #timer = 0;
  #finger = false; // the last pointer was one

  /** on: {playPause(), snapshot(), settings(), info()}. */
  constructor(video, view, on) {
    this.#on = on;
    this.#picture = video;
    this.#view = view;
    this.#buttons();
    this.#windows();
    this.#offerWindows();
    this.#help();
    view.follow((how) => this.#viewed(how));
    this.#wake();
    document.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', (event) => this.#pointer(event), true);
    document.addEventListener('pointermove', (event) => { if (event.pointerType === 'mouse') this.#wake(); });
    document.addEventListener('focusin', () => this.#wake());
    document.addEventListener('click', (event) => this.#click(event));
  }

  /** playing sets what the play button offers. */
  playing(yes) {
    offer(byId('play'), yes ? 'pause' : 'play', yes ? 'pause' : 'play');
  }

  /** shows tells which element shows the picture now: the video, or a canvas. */
  shows(picture) {
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.#offerWindows();
    pip.follow(picture);
  }

  #viewed({ mirrored, zoom }) {
    byId('mirror').setAttribute('aria-pressed', String(mirrored));
    byId('unzoom').hidden = zoom === 1;
    byId('unzoom').textContent = `${zoom.toFixed(1)} ×`;
  }

  #buttons() {
    const actions = {
      play: () => this.#on.playPause(),
      snap: () => this.#on.snapshot(),
      unzoom: () => this.#view.unzoom(),
      rotate: () => this.#view.rotate(),
      mirror: () => this.#view.mirror(),
      'show-settings': () => this.#on.settings(),
      'show-info': () => this.#on.info(),
      'show-help': () => byId('help').showModal(),
    };
    for (const [id, act] of Object.entries(actions)) byId(id).addEventListener('click', act);
    byId('more').addEventListener('click', () => this.#more(!root.hasAttribute('data-more')));
  }

  /** windows are the ways in which the picture can be shown elsewhere. */
  #windows() {
    const full = byId('fullscreen');
    full.addEventListener('click', () => fullscreen.toggle(this.#picture));
    byId('stage').addEventListener('dblclick', (event) => {
      if (onPicture(event) && !this.#finger) fullscreen.toggle(this.#picture);
    });
    fullscreen.onChange(() => {
      const on = fullscreen.isFullscreen();
      offer(full, on ? 'leave fullscreen' : 'fullscreen', on ? 'window' : 'fullscreen');
    });
    byId('pip').addEventListener('click', () => pip.toggle(this.#picture));
    pip.onChange(this.#picture, (on) => this.#toggled('pip', 'aria-pressed', on));
    if (embedded) byId('extras').before(byId('pip')); // the one of them that is there
  }

  #offerWindows() {
    byId('fullscreen').hidden = !fullscreen.available(this.#picture);
    byId('pip').hidden = !pip.available(this.#picture);
  }

  #help() {
    const help = byId('help');
    byId('close-help').addEventListener('click', () => help.close());
    help.addEventListener('click', (event) => { if (event.target === help) help.close(); });
  }

  /** toggled tells the button's state, which others may have changed. */
  #toggled(id, attribute, yes) { byId(id).setAttribute(attribute, String(yes)); }

  /** info tells that the statistics are shown or not. */
  info(shown) { this.#toggled('show-info', 'aria-pressed', shown); }

  /** settings tells that the panel was opened or closed. */
  settings(open) { this.#toggled('show-settings', 'aria-expanded', open); }

  /** more opens or closes the list of what has no room in a narrow window. */
  #more(open) {
    root.toggleAttribute('data-more', open);
    this.#toggled('more', 'aria-expanded', open);
  }

  #key(event) {
    this.#wake();
    if (event.ctrlKey || event.metaKey || event.altKey || byId('help').open) return;
    if (event.key === 'Escape' && root.hasAttribute('data-more')) {
      this.#more(false);
      byId('more').focus();
      return;
    }
    // Fields take keys for themselves, and space presses a focused button, as everywhere.
    if (event.target.closest('input, select') || event.key === ' ' && event.target.closest('button, a')) return;
    const moving = { '+': 'zoomIn', '=': 'zoomIn', '-': 'zoomOut' }[event.key];
    const pan = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (moving) this.#view[moving]();
    else if (pan ? !this.#view.pan(...pan) : event.repeat || !this.#press(event.key.toLowerCase())) return;
    event.preventDefault();
  }

  /** press does what a key is for, as far as its button is there; else it returns false. */
  #press(key) {
    const id = {
      ' ': 'play', s: 'snap', p: 'pip', f: 'fullscreen', r: 'rotate', m: 'mirror', i: 'show-info', '?': 'show-help', 0: 'unzoom',
    }[key];
    if (!id) return false;
    // A button in a closed list, or one that only mice see, is there all the same;
    // what an embedded player does not show is not.
    const button = byId(id);
    if (!button.hidden && (button.offsetParent || !embedded)) button.click();
    return true;
  }

  #pointer(event) {
    this.#finger = event.pointerType === 'touch';
    if (!event.target.closest('#more, #extras')) this.#more(false);
    if (!this.#finger) this.#wake();
  }

  /** A tap shows the buttons or hides them; a finger that drags or pinches does not. */
  #click(event) {
    if (event.target.closest('#extras button')) this.#more(false);
    if (!event.isTrusted) return;
    if (this.#finger && onPicture(event) && root.dataset.controls === 'shown') this.#rest();
    else this.#wake();
  }

  #wake() {
    clearTimeout(this.#timer);
    root.dataset.controls = 'shown';
    this.#timer = setTimeout(() => this.#rest(), IDLE);
  }

  /** rest hides the buttons, unless one of them is in use. CSS does so only while live. */
  #rest() {
    clearTimeout(this.#timer);
    // A finger that has tapped a button leaves it in :hover.
    const hovers = matchMedia('(hover: hover)').matches && document.querySelector('.controls :hover');
    if (hovers || root.hasAttribute('data-more') || document.querySelector('.controls :focus-visible, dialog[open], .panel:not([hidden])')) {
      this.#timer = setTimeout(() => this.#rest(), IDLE);
      return;
    }
    root.dataset.controls = 'hidden';
  }
}

/** offer sets what a button does next. */
function offer(button, words, icon) {
  label(button, text(words));
  button.querySelector('use').setAttribute('href', `#icon-${icon}`);
}
