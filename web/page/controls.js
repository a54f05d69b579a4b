// Buttons and keys. The buttons go away when nobody moves while the picture is
// live, and come back at a move, a tap, a key or keyboard focus.

import * as fullscreen from './fullscreen.js';
import { label, text } from './words.js';

const IDLE = 3000; // milliseconds until the buttons go

const byId = (id) => document.getElementById(id);

export class Controls {
  #on;
  #video;
  #timer = 0;
  #playing = true;

  /** on: {playPause(), info()} -> info returns whether the line is shown now. */
  constructor(video, on) {
    this.#on = on;
    this.#video = video;
    this.#buttons();
    this.#help();
    this.#wake();
    document.addEventListener('keydown', (event) => this.#key(event));
    for (const type of ['pointermove', 'pointerdown', 'focusin']) {
      document.addEventListener(type, (event) => this.#touch(event));
    }
  }

  /** playing sets what the play button offers. */
  playing(yes) {
    offer(byId('play'), yes ? 'pause' : 'play', yes ? 'pause' : 'play');
  }

  #buttons() {
    byId('play').addEventListener('click', () => this.#on.playPause());
    byId('show-info').addEventListener('click', () => this.#info());
    byId('show-help').addEventListener('click', () => byId('help').showModal());

    const button = byId('fullscreen');
    button.hidden = !fullscreen.available(this.#video);
    button.addEventListener('click', () => fullscreen.toggle(this.#video));
    this.#video.addEventListener('dblclick', () => fullscreen.toggle(this.#video));
    fullscreen.onChange(() => {
      const on = fullscreen.isFullscreen();
      offer(button, on ? 'leave fullscreen' : 'fullscreen', on ? 'window' : 'fullscreen');
    });
  }

  #help() {
    const help = byId('help');
    byId('close-help').addEventListener('click', () => help.close());
    help.addEventListener('click', (event) => { if (event.target === help) help.close(); });
  }

  #info() {
    byId('show-info').setAttribute('aria-pressed', String(this.#on.info()));
  }

  #key(event) {
    this.#wake();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || byId('help').open) return;
    // Space presses a focused button, as everywhere.
    if (event.key === ' ' && event.target.closest('button, a')) return;
    const action = {
      ' ': () => this.#on.playPause(),
      f: () => fullscreen.toggle(this.#video),
      i: () => this.#info(),
      '?': () => byId('help').showModal(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #touch(event) {
    const root = document.documentElement;
    const tapOnPicture = event.type === 'pointerdown' && event.pointerType !== 'mouse' && event.target === this.#video;
    if (tapOnPicture && root.dataset.controls === 'shown') this.#rest();
    else if (event.type !== 'pointermove' || event.pointerType === 'mouse') this.#wake();
  }

  #wake() {
    clearTimeout(this.#timer);
    document.documentElement.dataset.controls = 'shown';
    this.#timer = setTimeout(() => this.#rest(), IDLE);
  }

  /** rest hides the buttons, unless one of them is in use. CSS does so only while live. */
  #rest() {
    clearTimeout(this.#timer);
    // A finger that has tapped a button leaves it in :hover.
    const hovers = matchMedia('(hover: hover)').matches && document.querySelector('.controls:hover');
    if (hovers || document.querySelector('.controls :focus-visible, dialog[open]')) {
      this.#timer = setTimeout(() => this.#rest(), IDLE);
      return;
    }
    document.documentElement.dataset.controls = 'hidden';
  }
}

/** offer sets what a button does next. */
function offer(button, words, icon) {
  label(button, text(words));
  button.querySelector('use').setAttribute('href', `#icon-${icon}`);
}
