// How long to wait before the next try, in milliseconds.

const FIRST = 500;
const LONGEST = 8000;

/** Backoff doubles from try to try, with jitter so that viewers do not come all at once. */
export class Backoff {
  #base = FIRST;

  /** next is between half of the current step and all of it; never below FIRST. */
  next(random = Math.random()) {
    const wait = Math.max(FIRST, this.#base * (0.5 + random / 2));
    this.#base = Math.min(LONGEST, this.#base * 2);
    return wait;
  }

  reset() { this.#base = FIRST; }
}
