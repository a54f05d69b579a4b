// The picture in a window of its own that stays on top of the others.

const webkit = 'picture-in-picture'; // Safari's name for it

let changed = () => {};

/** available tells whether the browser has such windows for the element; where not, there is no button. */
export function available(picture) {
  if (document.pictureInPictureEnabled) return Boolean(picture.requestPictureInPicture ?? picture.captureStream);
  return Boolean(picture.webkitSupportsPresentationMode?.(webkit));
}

/** toggle opens or closes the window of a video or canvas. It never throws: a browser may refuse for reasons of its own. */
export async function toggle(picture) {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else if (document.pictureInPictureEnabled) await open(picture);
    else picture.webkitSetPresentationMode(picture.webkitPresentationMode === webkit ? 'inline' : webkit);
  } catch (error) {
    console.warn('pushcam: picture in picture:', error.message);
  }
}

/** follow has the window, if there is one, show another element. */
export function follow(picture) {
  if (document.pictureInPictureElement) open(picture).catch(() => {}); // the last picture stays
}

/** onChange calls f(yes) whenever the window of the video, or of a canvas, comes or goes. */
export function onChange(video, f) {
  changed = f;
  watch(video);
}

function watch(video) {
  video.addEventListener('enterpictureinpicture', () => changed(true));
  video.addEventListener('leavepictureinpicture', () => changed(false));
}

async function open(picture) {
  await (picture.requestPictureInPicture ? picture : await filmed(picture)).requestPictureInPicture();
}

/** filmed is a video of a canvas, which has no such window itself. */
async function filmed(canvas) {
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
  watch(video);
  video.addEventListener('leavepictureinpicture', () => { video.srcObject = null; });
  await video.play();
  return video;
}
