// Every text of the page, in every language.
//
// A language is one more table here with the keys of the first. Its name is what
// <html lang> says of the page; the browser's list of languages chooses it by what
// stands before the hyphen. {0}, {1} are the values that text() is given.

const WORDS = {
  en: {
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
    'help.help': 'This list',
    'close': 'Close',
  },

  'zh-CN': {
    'connecting': '正在连接',
    'connecting.text': '正在寻找 {0} 上的摄像头。',
    'opening': '正在打开摄像头',
    'opening.text': '大约需要一两秒。',
    'waiting': '正在等待画面',
    'waiting.text': '摄像头已打开，画面马上就到。',
    'waiting/tap': '准备就绪',
    'waiting/tap.text': '此浏览器需要您点一下才会播放视频。',
    'waiting/tap.act': '显示画面',
    'waiting/stalled': '画面停住了',
    'waiting/stalled.text': '连接还在，但没有新的画面，正在重新开始。',
    'live': '直播中',
    'live/mjpeg': 'MJPEG 直播中',
    'live/mjpeg.badge': '直播中',
    'live/mjpeg.blocked': 'WebRTC 被拦截，正在显示 MJPEG',
    'live/mjpeg.codec': '没有共同的视频格式，正在显示 MJPEG',
    'live/mjpeg.webrtc': '此浏览器没有 WebRTC，正在显示 MJPEG',
    'live/mjpeg.proxy': 'WebSocket 被拦截，正在显示 MJPEG',
    'lost': '找不到摄像头',
    'lost.text': '请检查摄像头是否插好、是否被其他程序占用。画面会自动恢复。',
    'gone': '连接已断开',
    'gone.badge': '离线',
    'gone.text': '摄像头服务器可能正在重启。画面会自动恢复。',
    'gone.act': '立即重试',
    'gone/unreachable': '摄像头服务器没有响应',
    'gone/unreachable.text': '请确认 {0} 已开机，并且与本设备在同一网络。画面会自动恢复。',
    'gone/offline': '您已离线',
    'gone/offline.text': '本设备没有网络。画面会自动恢复。',
    'gone/proxy': '实时连接被拦截',
    'gone/proxy.text': '服务器有响应，但 WebSocket 连不通。中间的代理需要转发 WebSocket；服务器的连接过多时也会拒绝。',
    'gone/refused': '服务器拒绝了这个地址',
    'gone/refused.text': '服务器的说明如下：',
    'full': '观看人数已满',
    'full.badge': '已满',
    'full.text': '同时观看的人数已达上限。有人离开后，您就能看到画面。',
    'full.act': '立即重试',
    'failed': '没有画面',
    'failed.badge': '没有画面',
    'failed.text': '浏览器无法接受服务器发来的内容：',
    'failed.act': '重试',
    'failed/blocked': '画面传不过来',
    'failed/blocked.text': '服务器有响应，但视频到不了本页面。请让中间的防火墙或 VPN 放行通往 {1} 的 {0}。',
    'failed/codec': '此浏览器无法播放画面',
    'failed/codec.text': '它不支持摄像头画面的任何一种格式。请换一个浏览器，或者把服务器的 --codec 选项设为 auto。',
    'failed/webrtc': '此浏览器无法显示实时视频',
    'failed/webrtc.text': '它没有 WebRTC，或者 WebRTC 已被关闭。请启用它，或者改用新版的 Chrome、Edge、Firefox 或 Safari。',
    'failed/webrtc.act': '',
    'paused': '已暂停',
    'paused.text': '本页面目前没有使用摄像头。',
    'paused.act': '继续',
    'paused/hidden': '已暂停',
    'paused/hidden.text': '本页面刚才在后台。您回来后画面会自动恢复。',

    'or': ' 或 ',
    'http status': 'HTTP 状态码 {0}',
    'next try': '{0} 秒后重试',
    'trying': '正在重试…',

    'picture': '摄像头实时画面',
    'controls': '画面控制',
    'play': '播放',
    'pause': '暂停',
    'space': '空格',
    'fullscreen': '全屏',
    'leave fullscreen': '退出全屏',
    'info': '统计信息',
    'stats.size': '画面',
    'stats.rate': '帧率',
    'stats.bitrate': '码率',
    'stats.codec': '编码',
    'stats.rendition': '规格（所选）',
    'stats.loss': '丢包（累计）',
    'stats.round trip': '往返时间',
    'stats.buffer': '抖动缓冲',
    'stats.age': '摄像头到屏幕',
    'stats.estimate': '{0}（估计）',
    'stats.freezes': '卡顿',
    'stats.path': '传输',
    'stats.copy': '复制报告',
    'stats.copied': '已复制',
    'stats.not copied': '请从下方复制',

    'help': '键盘快捷键',
    'help.pause': '暂停或继续；暂停时不占用摄像头',
    'help.info': '统计信息：格式、帧率、丢包、延迟',
    'help.help': '显示本列表',
    'close': '关闭',
  },
};

const language = choose(navigator.languages ?? [navigator.language]);
const words = WORDS[language];

/** choose returns the first language that the person reads and we have; else English. */
function choose(wanted) {
  const primary = (tag) => tag.split('-')[0].toLowerCase();
  for (const tag of wanted) {
    const found = Object.keys(WORDS).find((name) => primary(name) === primary(tag));
    if (found) return found;
  }
  return 'en';
}

/** has tells whether there is a text with this key, for keys that are made at run time. */
export function has(key) { return key in words; }

/** text is what stands in the person's language for the key, with the values put in. */
export function text(key, ...values) {
  return words[key].replace(/\{(\d)\}/g, (_, n) => values[n]);
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
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]')) {
    if (element.matches('button')) label(element, text(element.dataset.label));
    else element.setAttribute('aria-label', text(element.dataset.label));
  }
}
