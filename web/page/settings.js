// The panel of the camera's own settings: brightness, exposure, focus.

import { has, label, text } from './words.js';

const REFRESH = 2000;      // milliseconds; automatic ones change by themselves, and others change some
const PATIENCE = 10000;    // milliseconds for an answer
const FINEST = 1 << 16;    // steps that a slider can have; more are typed

const byId = (id) => document.getElementById(id);

/** make makes an element with properties and children. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Settings is a panel over GET and PATCH api/v1/controls. A change goes out at once;
 * while one is under way, the newest value of each setting waits. What others change is
 * asked for while the panel is open.
 */
export class Settings {
  #panel;
  #note;
  #list;
  #shown;
  #rows = new Map();    // key -> {control, row, field, ...}
  #operator = false;
  #wanted = null;       // {set, default, reset} to be sent
  #busy = false;
  #sent = 0;            // changes so far: a list from before one is old
  #trouble = '';        // why the last one was not taken
  #timer = 0;
  #returnTo = null;     // had the focus before

  /** shown(yes) is called whenever the panel opens or closes. */
  constructor(panel, shown) {
    this.#panel = panel;
    this.#shown = shown;
    this.#note = byId('settings-note');
    this.#list = byId('settings-list');
    byId('close-settings').addEventListener('click', () => this.close());
    byId('reset-settings').addEventListener('click', () => this.#want({ reset: true }));
    panel.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close(); });
  }

  get open() { return !this.#panel.hidden; }

  /** toggle opens or closes the panel. */
  toggle() {
    if (this.open) this.close();
    else this.#open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#panel.hidden = true;
    this.#shown(false);
    this.#returnTo?.focus();
  }

  #open() {
    this.#returnTo = document.activeElement;
    this.#panel.hidden = false;
    this.#shown(true);
    this.#panel.focus();
    this.#say(text('settings.loading'));
    this.#trouble = '';
    this.#refresh();
  }

  async #refresh() {
    if (!document.hidden && !this.#busy) await this.#load();
    clearTimeout(this.#timer);
    if (this.open) this.#timer = setTimeout(() => this.#refresh(), REFRESH);
  }

  async #load() {
    const before = this.#sent;
    const answers = await Promise.all([ask('state'), ask('controls')]);
    if (!this.open || this.#busy || this.#sent !== before) return;
    const [state, list] = answers;
    this.#operator = state.body.role === 'operator';
    if (list.ok) this.#take(list.body.controls ?? [], state.body);
    else this.#fail(list.status === 404 ? text('settings.none') : trouble(list));
  }

  #fail(words) {
    this.#rows.clear();
    this.#list.replaceChildren();
    byId('reset-settings').hidden = true;
    this.#say(words);
  }

  #take(controls, { login }) {
    if (controls.length === 0) return this.#fail(text('settings.none'));
    byId('reset-settings').hidden = !this.#operator;
    if (this.#trouble || this.#operator) this.#say(this.#trouble);
    else if (login) this.#say(`${text('settings.operators')} `, make('a', { href: 'login', textContent: text('settings.login') }));
    else this.#say(text('settings.nobody'));
    this.#show(controls);
  }

  /** say leaves alone what stands there: a link keeps its focus, and nobody reads it out again. */
  #say(...words) {
    if (this.#note.textContent !== make('p', {}, ...words).textContent) this.#note.replaceChildren(...words);
  }

  /** show makes new rows only for what is new: the others are perhaps in somebody's hand. */
  #show(controls) {
    this.#rows = new Map(controls.map((control) => {
      const row = this.#rows.get(control.key);
      return [control.key, row?.shape === shapeOf(control) ? row : this.#row(control)];
    }));
    [...this.#rows.values()].forEach(({ row }, i) => {
      const there = this.#list.children[i];
      if (!there) this.#list.append(row);
      else if (there !== row) there.replaceWith(row);
    });
    while (this.#list.children.length > controls.length) this.#list.lastChild.remove();
    for (const control of controls) this.#update(this.#rows.get(control.key), control);
  }

  #row(control) {
    const { key, type } = control;
    const id = `setting-${key}`;
    const field = FIELDS[type]?.(control) ?? make('input', { type: 'text', readOnly: true });
    const parts = {
      field,
      shape: shapeOf(control),
      held: false, // by a hand that is not done
      name: make('label', { htmlFor: id, textContent: nameOf(control) }),
      value: make('output', { htmlFor: id }),
      kept: make('span', { className: 'kept', textContent: text('settings.kept') }),
      undo: undoButton(nameOf(control)),
      why: make('p', { id: `${id}-why`, className: 'why' }),
      error: make('p', { className: 'error' }),
    };
    parts.error.setAttribute('role', 'alert');
    field.id = id;
    field.setAttribute('aria-describedby', parts.why.id);
    if (type === 'button') field.addEventListener('click', () => this.#change(key, 1));
    const slides = field.type === 'range';
    field.addEventListener('input', () => {
      parts.held = true;
      if (slides) this.#change(key, valueOf(field));
    });
    field.addEventListener('change', () => {
      parts.held = false;
      if (!slides && field.reportValidity()) this.#change(key, valueOf(field));
    });
    field.addEventListener('blur', () => { parts.held = false; });
    parts.undo.addEventListener('click', () => this.#want({ default: key }));
    const head = make('div', { className: 'head' }, parts.name, parts.kept, parts.value, parts.undo);
    parts.row = make('div', { className: `setting of-${type}` }, head, field, parts.why, parts.error);
    return parts;
  }

  #change(key, value) {
    const row = this.#rows.get(key);
    row.error.textContent = '';
    row.value.textContent = shown(row.field, value);
    this.#want({ set: { [key]: value } });
  }

  #update(parts, control) {
    parts.control = control;
    const { field } = parts;
    if (!parts.held && !(control.key in (this.#wanted?.set ?? {}))) { // else what the person does counts
      put(field, control);
      parts.value.textContent = shown(field, control.value);
    }
    const reason = whyNot(control);
    field.disabled = Boolean(reason) || !this.#operator;
    parts.row.classList.toggle('off', Boolean(reason));
    parts.why.textContent = reason;
    parts.kept.hidden = !control.kept;
    parts.undo.hidden = field.disabled || control.type === 'button' || control.value === control.default;
  }

  /** want adds to what is to be sent. */
  #want({ set, default: key, reset }) {
    const wanted = this.#wanted ??= { set: {}, default: [] };
    if (reset) this.#wanted = { set: {}, default: [], reset };
    else if (key) {
      delete wanted.set[key];
      wanted.default = [...new Set([...wanted.default, key])];
    } else {
      Object.assign(wanted.set, set);
      wanted.default = wanted.default.filter((k) => !(k in set));
    }
    this.#send();
  }

  async #send() {
    if (this.#busy) return;
    this.#busy = true;
    let taken = true;
    while (this.#wanted) {
      const wanted = this.#wanted;
      this.#wanted = null;
      this.#sent++;
      const answer = await ask('controls', wanted);
      if (answer.body.controls) this.#show(answer.body.controls);
      this.#errors(answer);
      taken = answer.ok;
    }
    this.#busy = false;
    if (!taken) this.#refresh(); // which shows what is so instead
  }

  #errors(answer) {
    const errors = answer.body.errors ?? {};
    for (const [key, { error }] of this.#rows) error.textContent = errors[key] ?? '';
    this.#trouble = answer.ok || Object.keys(errors).length > 0 ? '' : trouble(answer);
    if (this.#trouble) this.#say(this.#trouble);
  }
}

/** FIELDS make what a setting is changed with, by its type. */
const FIELDS = {
  integer: ({ min, max, step }) => make('input', { type: (max - min) / (step || 1) > FINEST ? 'number' : 'range', min, max, step: step || 1, required: true }),
  // Where a browser does not count exactly, the server says what is wrong.
  integer64: (control) => Object.assign(FIELDS.integer(control), Number.isSafeInteger(control.min) ? {} : { step: 'any' }),
  bitmask: ({ max }) => make('input', { type: 'text', pattern: '0x[0-9a-fA-F]{1,8}', title: hex(max), required: true, spellcheck: false }),
  boolean: () => {
    const field = make('input', { type: 'checkbox' });
    field.setAttribute('role', 'switch');
    return field;
  },
  menu: ({ menu = [] }) => make('select', {}, ...menu.map(({ value, name }) => make('option', { value, textContent: name }))),
  integer_menu: (control) => FIELDS.menu(control),
  button: (control) => make('button', { type: 'button', className: 'button', textContent: nameOf(control) }),
};

function undoButton(name) {
  const undo = make('button', { type: 'button', className: 'plain' });
  const icon = byId('close-settings').querySelector('svg').cloneNode(true);
  icon.querySelector('use').setAttribute('href', '#icon-undo');
  undo.append(icon);
  label(undo, text('settings.undo', name));
  return undo;
}

/** nameOf is ours where we know the setting, and else the driver's. */
function nameOf({ key, name }) { return has(`setting.${key}`) ? text(`setting.${key}`) : name; }

/** shapeOf is what a row is made for. */
function shapeOf({ name, type, min, max, step, menu }) { return JSON.stringify([name, type, min, max, step, menu]); }

function hex(value) { return `0x${value.toString(16)}`; }

/** valueOf is text where it is no number of JavaScript's. */
function valueOf(field) {
  if (field.type === 'checkbox') return Number(field.checked);
  const value = Number(field.value);
  return Number.isSafeInteger(value) ? value : field.value;
}

function put(field, { type, value }) {
  if (field.type === 'checkbox') field.checked = Boolean(value);
  else if (value !== undefined && type !== 'button') {
    const words = type === 'bitmask' ? hex(value) : String(value);
    if (field.value !== words) field.value = words;
  }
}

/** whyNot says why nobody can change it at the moment; else it is empty. */
function whyNot({ read_only: readOnly, busy, inactive }) {
  if (readOnly) return text('settings.read-only');
  if (busy) return text('settings.busy');
  return inactive ? text('settings.inactive') : '';
}

/** shown is the value beside the name, where the field itself does not tell. */
function shown(field, value) { return field.type === 'range' ? String(value ?? '') : ''; }

/** ask gets something of the API, or changes it. It never throws. */
async function ask(what, change) {
  try {
    const answer = await fetch(new URL(`api/v1/${what}`, document.baseURI), {
      signal: AbortSignal.timeout(PATIENCE),
      ...change && { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) },
    });
    return { ok: answer.ok, status: answer.status, body: read(await answer.text()) };
  } catch {
    return { ok: false, status: 0, body: {} };
  }
}

/** read keeps numbers as text that have 64 bits, of which JavaScript's have room for 53. */
function read(json) {
  try {
    return JSON.parse(json.replace(/(?<!\\)":(-?\d{16,})/g, '":"$1"'));
  } catch {
    return {}; // of something in between
  }
}

/** trouble is a problem in words: the server's (RFC 9457) where it has some. */
function trouble({ status, body }) {
  if (status === 0) return text('unreachable');
  if (status === 401 || status === 403) return text('settings.operators');
  return body.detail || body.title || text('http status', status);
}
