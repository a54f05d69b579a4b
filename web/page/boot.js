// Says what is wrong when the page's own modules do not run: the one case that
// they cannot report themselves. A plain script in old syntax, on purpose.
(function () {
  'use strict';

  // words.js may be among what does not run.
  var chinese = /^zh/i.test(navigator.language || '');

  function say(title, text) {
    if (chinese) document.documentElement.lang = 'zh-CN';
    document.addEventListener('DOMContentLoaded', show);
    if (document.readyState !== 'loading') show();
    function show() {
      document.documentElement.setAttribute('data-state', 'failed');
      document.title = title + ' - pushcam';
      document.getElementById('word').textContent = title;
      document.getElementById('title').textContent = title;
      document.getElementById('text').textContent = text;
    }
  }

  if (!('noModule' in document.createElement('script'))) {
    tooOld();
    return;
  }

  function tooOld() {
    if (chinese) say('浏览器版本太旧', '请使用新版的 Chrome、Edge、Firefox 或 Safari 观看画面。');
    else say('This browser is too old', 'A current Chrome, Edge, Firefox or Safari shows the picture.');
  }

  // A module that the browser cannot parse, or cannot load because the server
  // went away half way. Loading again is the only cure for the latter.
  window.addEventListener('error', function (event) {
    if (window.pushcamStarted) return;
    if (event.target && event.target.src) {
      if (chinese) say('页面没有加载完整', '摄像头服务器中断了响应，几秒后会重新加载。');
      else say('The page did not load completely', 'The camera server went away. Loading it again in a few seconds.');
      setTimeout(function () { location.reload(); }, 4000);
    } else if (event.error instanceof SyntaxError) {
      tooOld();
    }
  }, true);
})();
