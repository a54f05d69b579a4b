// Joins the parts of the page.

import { Controls } from './controls.js';
import { Info } from './info.js';
import { Player } from './player.js';
import { Status } from './status.js';
import { translate } from './words.js';

window.pushcamStarted = true; // for boot.js
translate();

const video = document.getElementById('picture');

let playing = true; // as far as the user is concerned

const info = new Info(document.getElementById('info'));
info.clear();

const status = new Status(() => player.play());

const controls = new Controls(video, {
  playPause() {
    if (playing) player.pause();
    else player.play();
  },
  info() {
    info.toggle();
    return info.shown;
  },
});

const player = new Player(video, {
  change(report) {
    status.show(report);
    playing = report.state !== 'paused' && report.reason !== 'tap';
    controls.playing(playing);
    if (report.state === 'live') document.documentElement.dataset.picture = 'seen';
    else info.clear();
  },
  sample(report) { info.sample(report); },
});
