// A word about what has just been done, for a moment.

const SHOWN = 3500; // milliseconds

let timer = 0;

/** notice shows words over the picture, and speaks them. */
export function notice(words) {
  const line = document.getElementById('notice');
  clearTimeout(timer);
  line.textContent = words;
  timer = setTimeout(() => { line.textContent = ''; }, SHOWN);
}
