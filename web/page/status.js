// Shows a player's report: the card over the picture, the badge in its corner,
// the title of the page, and the voice of a screen reader.

import { has, text } from './words.js';

/** The icon of each state, or state/reason where there is one of its own. */
const ICONS = {
  'waiting/tap': 'play',
  lost: 'unplugged',
  gone: 'server',
  'gone/offline': 'offline',
  'gone/proxy': 'blocked',
  'gone/refused': 'blocked',
  full: 'people',
  failed: 'blocked',
  'failed/codec': 'film',
  'failed/webrtc': 'film',
  paused: 'pause',
};

const byId = (id) => document.getElementById(id);

export class Status {
  #retryAt = 0;
  #trying = false;
  #said = '';

  /** act is called when the card's button is pressed. */
  constructor(act) {
    byId('act').addEventListener('click', act);
    setInterval(() => this.#countdown(), 250);
  }

  show(report) {
    const words = wordsFor(report);
    const root = document.documentElement;
    root.dataset.state = report.state;
    root.dataset.reason = report.reason;
    document.title = `${words.title} - pushcam`;
    byId('icon').setAttribute('href', `#icon-${words.icon}`);
    byId('title').textContent = words.title;
    byId('text').textContent = words.text;
    byId('detail').textContent = words.detail;
    byId('detail').hidden = !words.detail;
    byId('note').textContent = report.state === 'live' ? words.detail : '';
    byId('word').textContent = words.badge;

    const act = byId('act');
    act.textContent = words.act;
    act.hidden = !words.act;

    this.#retryAt = report.retryAt;
    this.#trying = Boolean(words.act) && ['gone', 'full', 'failed'].includes(report.state);
    this.#countdown();
    this.#say(`${words.title}. ${words.text} ${words.detail}`.trim());
  }

  /** The seconds are not spoken: a voice that counts is of no use. */
  #countdown() {
    const left = Math.ceil((this.#retryAt - Date.now()) / 1000);
    let line = '';
    if (left > 0) line = text('next try', left);
    else if (this.#trying) line = text('trying');
    const shown = byId('countdown');
    if (shown.textContent !== line) shown.textContent = line;
  }

  #say(words) {
    if (words === this.#said) return;
    this.#said = words;
    byId('announcer').textContent = words;
  }
}

/**
 * wordsFor returns {icon, title, badge, text, act, detail} for a player's report.
 * detail is the server's own explanation, or empty.
 */
function wordsFor({ state, reason, detail }) {
  const keys = [`${state}/${reason}`, state];
  const say = (part, ...values) => {
    const key = keys.map((k) => k + part).find(has);
    return key ? text(key, ...values) : '';
  };
  const words = { icon: ICONS[keys[0]] ?? ICONS[state] ?? 'camera', title: say(''), text: '', act: say('.act'), detail };
  if (reason === 'blocked') {
    const ports = (detail || 'UDP 1990 or TCP 1991').replaceAll(' or ', text('or'));
    words.text = say('.text', ports, location.hostname);
    words.detail = '';
  } else {
    words.text = say('.text', location.host);
  }
  if (reason === 'mjpeg') words.detail = text(`live/mjpeg.${detail}`);
  words.badge = say('.badge') || text(reason !== 'tap' && ['opening', 'waiting'].includes(state) ? 'connecting' : keys.find(has));
  return words;
}
