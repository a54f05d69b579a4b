// Every text of the page, in English; who reads another language that we have loads
// its table, too. {0}, {1} are the values that text() is given.
//
// A language more is a file like words-zh.js, with the same keys and with names for the
// camera's settings, whose drivers speak English, and a line here: the
// languages are by what stands before the hyphen in the browser's list of them.

const LANGUAGES = {
  zh: () => import('./words-zh.js'),
};

const ENGLISH = {
  'connecting': 'Connecting',
  'connecting.text': 'Looking for the camera at {0}.',
  'opening': 'Opening the camera',
  'opening.text': 'This takes a second or two.',
  'waiting': 'Waiting for the picture',
  'waiting.text': 'The camera is on. The first picture is on its way.',
  'waiting/tap': 'Ready',
  'waiting/tap.text': 'This browser starts a video only when asked to.',
  'waiting/tap.act': 'Show the picture',
  'waiting/stalled': 'The picture stands still',
  'waiting/stalled.text': 'The connection is there, but no new pictures come. Starting it again.',
  'live': 'Live',
  'live/mjpeg': 'Live, as MJPEG',
  'live/mjpeg.badge': 'Live',
  'live/mjpeg.blocked': 'WebRTC is blocked: showing MJPEG',
  'live/mjpeg.codec': 'No video format in common: showing MJPEG',
  'live/mjpeg.webrtc': 'No WebRTC in this browser: showing MJPEG',
  'live/mjpeg.proxy': 'WebSockets are blocked: showing MJPEG',
  'lost': 'No camera',
  'lost.text': 'Check that it is plugged in and that no other program uses it. The picture returns by itself.',
  'gone': 'Connection lost',
  'gone.badge': 'Offline',
  'gone.text': 'The camera server may be restarting. The picture returns by itself.',
  'gone.act': 'Try now',
  'gone/unreachable': 'The camera server does not answer',
  'gone/unreachable.text': 'Is {0} switched on and on the same network? The picture returns by itself.',
  'gone/offline': 'You are offline',
  'gone/offline.text': 'This device has no network. The picture returns by itself.',
  'gone/proxy': 'The live connection is blocked',
  'gone/proxy.text': 'The server answers, but WebSockets do not get through. A proxy in between has to pass them on; a server with too many connections refuses them, too.',
  'gone/refused': 'The server refuses this address',
  'gone/refused.text': 'This is what it says:',
  'full': 'Too many viewers',
  'full.badge': 'Full',
  'full.text': 'The camera is shown to as many people as it can be. You get in as soon as one leaves.',
  'full.act': 'Try now',
  'failed': 'No picture',
  'failed.badge': 'No picture',
  'failed.text': 'This browser did not take what the server sent:',
  'failed.act': 'Try again',
  'failed/blocked': 'The picture does not get through',
  'failed/blocked.text': 'The server answers, but no video reaches this page. A firewall or VPN in between has to let {0} through to {1}.',
  'failed/codec': 'This browser cannot play the picture',
  'failed/codec.text': 'It knows none of the formats that the camera is sent in. Another browser may, or the server’s --codec option set to auto.',
  'failed/webrtc': 'This browser cannot show live video',
  'failed/webrtc.text': 'WebRTC is missing or switched off in it. Allow it, or use a current Chrome, Edge, Firefox or Safari.',
  'failed/webrtc.act': '',
  'paused': 'Paused',
  'paused.text': 'The camera is not in use by this page.',
  'paused.act': 'Go on',
  'paused/hidden': 'Paused',
  'paused/hidden.text': 'This page was in the background. The picture returns when you look at it.',

  'or': ' or ',
  'http status': 'HTTP status {0}',
  'next try': 'Next try in {0} s',
  'trying': 'Trying…',

  'picture': 'Live camera picture',
  'controls': 'Picture controls',
  'play': 'Play',
  'pause': 'Pause',
  'space': 'Space',
  'fullscreen': 'Full screen',
  'leave fullscreen': 'Leave full screen',
  'pip': 'Picture in picture',
  'snapshot': 'Save a picture',
  'snapshot.saved': 'Saved as {0}',
  'snapshot.none': 'There is no picture to save',
  'rotate': 'Rotate',
  'mirror': 'Mirror',
  'unzoom': 'Show the whole picture',
  'more': 'More',
  'quality': 'Quality',
  'quality.auto': 'Auto',
  'quality.auto of': 'Auto · {0}',
  'quality.in use': 'Quality: {0} now',
  'info': 'Statistics',
  'stats.size': 'Picture',
  'stats.rate': 'Frame rate',
  'stats.bitrate': 'Bitrate',
  'stats.codec': 'Codec',
  'stats.rendition': 'Rendition (chosen)',
  'stats.loss': 'Packets lost (in all)',
  'stats.round trip': 'Round trip',
  'stats.buffer': 'Jitter buffer',
  'stats.age': 'Camera to screen',
  'stats.estimate': '{0} (estimate)',
  'stats.freezes': 'Freezes',
  'stats.path': 'Path',
  'stats.copy': 'Copy report',
  'stats.copied': 'Copied',
  'stats.not copied': 'Copy it from below',

  'help': 'Keyboard shortcuts',
  'help.pause': 'Pause or go on; a pause frees the camera',
  'help.info': 'Statistics: format, rate, losses, delay',
  'help.snapshot': 'Save a picture as a file',
  'help.rotate': 'Rotate by a quarter',
  'help.zoom': 'Zoom in, zoom out, whole picture; arrows move it',
  'help.help': 'This list',
  'close': 'Close',
  'logout': 'Log out',

  'settings': 'Camera settings',
  'settings.loading': 'Asking the camera…',
  'settings.none': 'This camera has no settings to change.',
  'settings.operators': 'Only operators may change these.',
  'settings.login': 'Log in',
  'settings.nobody': 'Changing these takes a password: start pushcam with --password.',
  'settings.reset': 'Reset all',
  'settings.undo': 'Reset {0}',
  'settings.kept': 'kept',
  'settings.inactive': 'Another setting decides this at the moment, often an automatic one.',
  'settings.busy': 'The camera does not let this be changed while it is in use.',
  'settings.read-only': 'The camera only tells this.',
  'unreachable': 'The camera server does not answer.',
};

const table = await choose(navigator.languages ?? [navigator.language]);

/** choose loads the first language that the person reads and we have; else it is English. */
async function choose(wanted) {
  const english = { lang: 'en', WORDS: ENGLISH };
  const primaries = wanted.map((tag) => tag.split('-')[0].toLowerCase());
  const first = primaries.find((primary) => primary === 'en' || primary in LANGUAGES);
  try {
    return await LANGUAGES[first]?.() ?? english;
  } catch {
    return english; // the server went away half way
  }
}

/** has tells whether there is a text with this key, for keys that are made at run time. */
export function has(key) { return key in table.WORDS; }

/** text is what stands in the person's language for the key, with the values put in. */
export function text(key, ...values) {
  return table.WORDS[key].replace(/\{(\d)\}/g, (_, n) => values[n]);
}

/** label names a button, for eyes and for screen readers, with the key that presses it. */
export function label(button, words) {
  const shortcut = button.getAttribute('aria-keyshortcuts');
  button.setAttribute('aria-label', words);
  button.title = shortcut ? `${words} (${shortcut === 'Space' ? text('space') : shortcut})` : words;
}

/**
 * translate puts its texts into the page: data-text is the key of an element's
 * text, data-label of its name.
 */
export function translate() {
  document.documentElement.lang = table.lang;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]')) {
    if (element.matches('button, select')) label(element, text(element.dataset.label));
    else element.setAttribute('aria-label', text(element.dataset.label));
  }
}
