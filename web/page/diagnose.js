// Finds out why the WebSocket does not open, by asking the server over HTTP.

import { text } from './words.js';

const LIMIT = 3000; // milliseconds

const ask = (path, method) => fetch(new URL(path, document.baseURI), {
  method,
  cache: 'no-store',
  signal: AbortSignal.timeout?.(LIMIT),
});

/**
 * diagnose resolves to {reason, detail}: offline (this device has no network),
 * unreachable (no answer), refused (the server's own words), or proxy (the
 * server answers, but something in between does not pass WebSockets). Where a
 * login is needed, it makes the page give way to the form.
 */
export async function diagnose() {
  if (navigator.onLine === false) return { reason: 'offline', detail: '' };
  try {
    const answer = await ask('healthz', 'GET');
    if (answer.ok && (await ask('./', 'HEAD')).status === 401) location.reload();
    if (answer.ok) return { reason: 'proxy', detail: '' };
    const said = (await answer.text()).trim();
    return { reason: 'refused', detail: said.slice(0, 300) || text('http status', answer.status) };
  } catch {
    return { reason: 'unreachable', detail: '' };
  }
}
