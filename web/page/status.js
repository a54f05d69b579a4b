// Shows a player's report: the card over the picture, the badge in its corner,
// the title of the page, and the voice of a screen reader.

import { wordsFor } from './words.js';

const BADGES = {
  live: 'Live', lost: 'No camera', gone: 'Offline', full: 'Full', failed: 'No picture', paused: 'Paused',
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
    byId('word').textContent = report.reason === 'tap' ? words.title : BADGES[report.state] ?? 'Connecting';

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
    let text = '';
    if (left > 0) text = `Next try in ${left} s`;
    else if (this.#trying) text = 'Trying…';
    const line = byId('countdown');
    if (line.textContent !== text) line.textContent = text;
  }

  #say(text) {
    if (text === this.#said) return;
    this.#said = text;
    byId('announcer').textContent = text;
  }
}
