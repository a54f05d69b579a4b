// What the page says in each state: everything a person reads about it.

const host = location.host;

const COMEBACK = 'The picture returns by itself.';

/**
 * Each entry: icon, title, text, and the label of the button where there is
 * something to press. Keyed by state, or state/reason where that says more.
 */
const WORDS = {
  connecting: { icon: 'camera', title: 'Connecting', text: `Looking for the camera at ${host}.` },
  opening: { icon: 'camera', title: 'Opening the camera', text: 'This takes a second or two.' },
  waiting: { icon: 'camera', title: 'Waiting for the picture', text: 'The camera is on. The first picture is on its way.' },
  'waiting/tap': { icon: 'play', title: 'Ready', text: 'This browser starts a video only when asked to.', act: 'Show the picture' },
  'waiting/stalled': { icon: 'camera', title: 'The picture stands still', text: 'The connection is there, but no new pictures come. Starting it again.' },
  live: { icon: 'camera', title: 'Live', text: '' },
  lost: { icon: 'unplugged', title: 'No camera', text: `Check that it is plugged in and that no other program uses it. ${COMEBACK}` },
  gone: { icon: 'server', title: 'Connection lost', text: `The camera server may be restarting. ${COMEBACK}`, act: 'Try now' },
  'gone/unreachable': {
    icon: 'server', title: 'The camera server does not answer',
    text: `Is ${host} switched on and on the same network? ${COMEBACK}`, act: 'Try now',
  },
  'gone/offline': { icon: 'offline', title: 'You are offline', text: `This device has no network. ${COMEBACK}`, act: 'Try now' },
  'gone/proxy': {
    icon: 'blocked', title: 'The live connection is blocked',
    text: 'The server answers, but WebSockets do not get through. A proxy in between has to pass them on; a server with too many connections refuses them, too.', act: 'Try now',
  },
  'gone/refused': { icon: 'blocked', title: 'The server refuses this address', text: 'This is what it says:', act: 'Try now' },
  full: {
    icon: 'people', title: 'Too many viewers',
    text: 'The camera is shown to as many people as it can be. You get in as soon as one leaves.', act: 'Try now',
  },
  failed: { icon: 'blocked', title: 'No picture', text: 'This browser did not take what the server sent:', act: 'Try again' },
  'failed/blocked': { icon: 'blocked', title: 'The picture does not get through', act: 'Try again' },
  'failed/codec': {
    icon: 'film', title: 'This browser cannot play the picture',
    text: 'It knows none of the formats that the camera is sent in. Another browser may, or the server’s --codec option set to auto.', act: 'Try again',
  },
  'failed/webrtc': {
    icon: 'film', title: 'This browser cannot show live video',
    text: 'WebRTC is missing or switched off in it. Allow it, or use a current Chrome, Edge, Firefox or Safari.',
  },
  paused: { icon: 'pause', title: 'Paused', text: 'The camera is not in use by this page.', act: 'Go on' },
  'paused/hidden': { icon: 'pause', title: 'Paused', text: 'This page was in the background. The picture returns when you look at it.', act: 'Go on' },
};

/**
 * wordsFor returns {icon, title, text, act, detail} for a player's report.
 * detail is the server's own explanation, or empty.
 */
export function wordsFor({ state, reason, detail }) {
  const words = { act: '', detail, ...(WORDS[`${state}/${reason}`] ?? WORDS[state]) };
  if (reason === 'blocked') {
    const ports = detail || 'UDP 1990 or TCP 1991';
    words.text = `The server answers, but no video reaches this page. `
      + `A firewall or VPN in between has to let ${ports} through to ${location.hostname}.`;
    words.detail = '';
  }
  return words;
}
