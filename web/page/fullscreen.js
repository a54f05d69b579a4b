// Full screen, in the three ways that browsers have it.

const root = document.documentElement;

/** available tells whether there is any way; where not, there is no button. */
export function available(video) {
  return Boolean(root.requestFullscreen || root.webkitRequestFullscreen || video.webkitEnterFullscreen);
}

export function isFullscreen() {
  return Boolean(document.fullscreenElement || document.webkitFullscreenElement);
}

/** toggle never throws: a browser may refuse for reasons of its own. */
export async function toggle(video) {
  try {
    if (isFullscreen()) await (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
    else if (root.requestFullscreen) await root.requestFullscreen({ navigationUI: 'hide' });
    else if (root.webkitRequestFullscreen) root.webkitRequestFullscreen();
    else video.webkitEnterFullscreen(); // iPhone: only a video can
  } catch (error) {
    console.warn('pushcam: full screen:', error.message);
  }
}

/** onChange calls f whenever full screen begins or ends. */
export function onChange(f) {
  document.addEventListener('fullscreenchange', f);
  document.addEventListener('webkitfullscreenchange', f);
}
