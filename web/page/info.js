// The line that says what arrives: format, size, rate, bitrate.

import { text } from './words.js';

const NAMES = { H264: 'H.264', H265: 'H.265' };

/** Info turns the once-a-second statistics of a connection into one line. */
export class Info {
  #line;
  #last = null;

  constructor(line) { this.#line = line; }

  get shown() { return !this.#line.hidden; }

  toggle() { this.#line.hidden = !this.#line.hidden; }

  /** clear is for when nothing arrives. */
  clear() {
    this.#last = null;
    this.#line.textContent = text('info.none');
  }

  /** sample takes an RTCStatsReport. Rates are taken against the one before. */
  sample(report) {
    let video = null;
    for (const s of report.values()) if (s.type === 'inbound-rtp' && s.kind === 'video') video = s;
    if (!video) return;
    const last = this.#last?.id === video.id ? this.#last : null;
    this.#last = video;
    this.#line.textContent = [
      codec(report.get(video.codecId)),
      video.frameWidth && `${video.frameWidth} × ${video.frameHeight}`,
      last && `${Math.round(rate(last, video, 'framesDecoded'))} fps`,
      last && bits(rate(last, video, 'bytesReceived') * 8),
      text('info.lost', Math.max(0, video.packetsLost ?? 0)),
    ].filter(Boolean).map((item) => item.replaceAll(' ', '\u00a0')).join(' · ');
  }
}

function codec(stats) {
  const name = stats?.mimeType?.split('/')[1] ?? '';
  return NAMES[name] ?? name;
}

/** rate is per second; timestamps are in milliseconds. */
function rate(a, b, field) {
  const seconds = (b.timestamp - a.timestamp) / 1000;
  return seconds > 0 ? Math.max(0, (b[field] - a[field]) / seconds) : 0;
}

function bits(perSecond) {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(perSecond / 1e3)} kbit/s`;
}
