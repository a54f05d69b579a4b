// The picture in a window of its own that stays on top of the others.

const webkit = 'picture-in-picture'; // Safari's name for it

/** available tells whether the browser has such windows; where not, there is no button. */
export function available(video) {
  return Boolean(document.pictureInPictureEnabled || video.webkitSupportsPresentationMode?.(webkit));
}

/** toggle never throws: a browser may refuse for reasons of its own. */
export async function toggle(video) {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else if (document.pictureInPictureEnabled) await video.requestPictureInPicture();
    else video.webkitSetPresentationMode(video.webkitPresentationMode === webkit ? 'inline' : webkit);
  } catch (error) {
    console.warn('pushcam: picture in picture:', error.message);
  }
}

/** onChange calls f(yes) whenever the window comes or goes. */
export function onChange(video, f) {
  video.addEventListener('enterpictureinpicture', () => f(true));
  video.addEventListener('leavepictureinpicture', () => f(false));
}
