// The choice of how large a picture comes.

import { label, text } from './words.js';

/** Quality is a list of the server's renditions, and who decides: the person or the server. */
export class Quality {
  #list;
  #made = '';

  /** choose(name) is called with the rendition that was chosen, or "auto". */
  constructor(list, choose) {
    this.#list = list;
    list.addEventListener('change', () => choose(list.value));
  }

  /**
   * show takes what the server offers: choices are {name, width, height}, largest
   * first; chosen is one of their names or "auto"; current is the one in use. With
   * nothing to choose from there is no list.
   */
  show({ choices = [], chosen = 'auto', current = '' } = {}) {
    this.#list.hidden = choices.length < 2;
    if (this.#list.hidden) return;
    const names = ['auto', ...choices.map(({ name }) => name)];
    if (this.#made !== names.join()) {
      this.#made = names.join();
      this.#list.replaceChildren(...names.map((name) => Object.assign(document.createElement('option'), { value: name })));
    }
    const inUse = choices.find(({ name }) => name === current);
    const words = { auto: inUse ? text('quality.auto of', lines(inUse)) : text('quality.auto') };
    for (const choice of choices) words[choice.name] = lines(choice);
    for (const option of this.#list.options) {
      if (option.textContent !== words[option.value]) option.textContent = words[option.value];
    }
    this.#list.value = names.includes(chosen) ? chosen : 'auto';
    label(this.#list, inUse ? text('quality.in use', `${inUse.width} × ${inUse.height}`) : text('quality'));
  }
}

/** lines is what people call a size; pictures on their side have their short edge as others do. */
function lines({ width, height }) { return `${Math.min(width, height)}p`; }
