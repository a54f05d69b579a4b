// Joins the parts of the page.

import { Controls } from './controls.js';
import { Fallback } from './fallback.js';
import { notice } from './notice.js';
import { Player } from './player.js';
import { Quality } from './quality.js';
import { Status } from './status.js';
import { embedded, View } from './view.js';
import { text, translate } from './words.js';

window.pushcamStarted = true; // for boot.js

const root = document.documentElement;
translate();

const video = document.getElementById('picture');
const canvas = document.getElementById('fallback');

let playing = true; // as far as the user is concerned

/** shown is what shows the picture: the canvas while there is MJPEG. */
const shown = () => canvas.hidden ? video : canvas;

const EVENTS = 30;
const events = [];     // the last reports in words, for who asks for help
let statistics = null; // until somebody wants to see them

const openSnapshot = later(async () => (await import('./snapshot.js')).snapshot);

const openSettings = later(async () => {
  const [{ Settings }] = await Promise.all([import('./settings.js'), styled('settings.css')]);
  return new Settings(document.getElementById('settings'), (open) => controls.settings(open));
});

const openStatistics = later(async () => {
  const [{ Statistics }] = await Promise.all([import('./statistics.js'), styled('statistics.css')]);
  statistics = new Statistics(document.getElementById('info'), video, events, () => player.ask());
  player.ask();
  return statistics;
});

/** later returns what makes something when it is first needed, and null if that fails. */
function later(make) {
  let made = null;
  return async () => {
    try {
      return await (made ??= make());
    } catch {
      made = null;
      notice(text('unreachable'));
      return null;
    }
  };
}

/** styled loads the style of what most visits do without. */
function styled(href) {
  return new Promise((resolve) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: resolve, onerror: resolve }));
  });
}

const status = new Status(() => player.play());

const view = new View(document.getElementById('stage'));

const controls = new Controls(video, view, {
  playPause() {
    if (playing) player.pause();
    else player.play();
  },
  async snapshot() {
    const { turn, mirrored } = view;
    const snapshot = await openSnapshot();
    if (!snapshot) return;
    const name = await snapshot(shown(), { turn, mirrored, fresh: root.dataset.state === 'live' });
    notice(name ? text('snapshot.saved', name) : text('snapshot.none'));
  },
  async settings() { (await openSettings())?.toggle(); },
  async info() {
    (await openStatistics())?.toggle();
    controls.info(Boolean(statistics?.shown));
  },
});

const quality = new Quality(document.getElementById('quality'), (name) => player.choose(name));

// Who has logged in can log out; an embedded player has no button for it.
if (!embedded) {
  fetch(new URL('api/v1/state', document.baseURI)).then((answer) => answer.json())
    .then(({ session }) => { document.getElementById('logout').hidden = !session; }, () => {});
}

let said = null; // the player's last report

/** tell shows the player's report, or that there is MJPEG instead. */
function tell() {
  const report = fallback.heed(said);
  status.show(report);
  events.push([new Date().toISOString(), report.state, report.reason, report.detail].filter(Boolean).join(' '));
  events.splice(0, events.length - EVENTS);
  if (report.state !== 'live') statistics?.clear();
  if (report.reason === 'mjpeg') quality.show(); // of that there is one
  playing = report.state !== 'paused' && report.reason !== 'tap';
  controls.playing(playing);
  controls.shows(shown());
  if (report.state === 'live') root.dataset.picture = 'seen';
}

const fallback = new Fallback(canvas, tell);
setInterval(() => { if (fallback.counts) statistics?.stream(fallback.counts); }, 1000);

const player = new Player(video, {
  change(report) {
    said = report;
    tell();
  },
  sample(report) { statistics?.sample(report); },
  stats(message) { statistics?.server(message); },
  quality(report) { quality.show(report); },
});
