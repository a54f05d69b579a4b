// Joins the parts of the page.

import { Controls } from './controls.js';
import { Fallback } from './fallback.js';
import { Player } from './player.js';
import { Statistics } from './statistics.js';
import { Status } from './status.js';
import { translate } from './words.js';

window.pushcamStarted = true; // for boot.js
translate();

const video = document.getElementById('picture');

let playing = true; // as far as the user is concerned

const statistics = new Statistics(document.getElementById('info'), video, () => player.ask());

const status = new Status(() => player.play());

const controls = new Controls(video, {
  playPause() {
    if (playing) player.pause();
    else player.play();
  },
  info() {
    statistics.toggle();
    return statistics.shown;
  },
});

let said = null; // the player's last report

/** tell shows the player's report, or that there is MJPEG instead. */
function tell() {
  const report = fallback.heed(said);
  status.show(report);
  statistics.note(report);
  playing = report.state !== 'paused' && report.reason !== 'tap';
  controls.playing(playing);
  if (report.state === 'live') document.documentElement.dataset.picture = 'seen';
}

const fallback = new Fallback(document.getElementById('fallback'), tell);
setInterval(() => { if (fallback.counts) statistics.stream(fallback.counts); }, 1000);

const player = new Player(video, {
  change(report) {
    said = report;
    tell();
  },
  sample(report) { statistics.sample(report); },
  stats(message) { statistics.server(message); },
  quality() {},
});
