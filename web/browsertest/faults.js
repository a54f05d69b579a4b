// What is wrong with how a page looks, as far as a program can tell.

const THUMB = 44; // CSS pixels that it covers

/** still tells whether nothing moves but what moves for ever. */
function still() {
  return document.getAnimations().every((animation) => animation.playState !== 'running'
    || animation.effect.getComputedTiming().endTime === Infinity);
}

/** faults lists what of the page's text and buttons cannot be seen whole. */
function faults() {
  const faults = [];
  const { clientWidth, clientHeight, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`page: ${scrollWidth} wide in a window of ${clientWidth}`);
  for (const element of document.querySelectorAll('main :is(h1, p, button, select, video, .panel, .statistics, .extras)')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.matches('.unseen, [data-zoomed] video')) continue;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const name = element.id || element.className || element.tagName;
    const scrolled = element.parentElement.closest('.panel, .statistics, .extras'); // with its own edges
    if (!scrolled && (left < 0 || top < 0 || right > clientWidth || bottom > clientHeight)) {
      faults.push(`${name}: ${[left, top, right, bottom].map(Math.round)} in ${clientWidth} x ${clientHeight}`);
    }
    if (element.matches('button, select') && Math.min(right - left, bottom - top) < THUMB) {
      faults.push(`${name}: ${Math.round(right - left)} x ${Math.round(bottom - top)} is too small for a thumb`);
    }
    if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) faults.push(`${name}: text is cut off`);
  }
  return faults;
}
