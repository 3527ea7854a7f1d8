import { useSyncExternalStore } from 'react';

/**
 * The fragment holds everything a link should bring back: `#/sessions/42?conversation=c1&turn=3&t=1200000`. A fragment works
 * the same under the app's own protocol and in a browser, and is never sent to a server.
 */
function listen(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

function split(hash: string): { path: string; query: string } {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { path: path.startsWith('/') ? path : '/', query };
}

export function goTo(to: string, options: { replace?: boolean } = {}): void {
  const hash = `#${to}`;
  if (hash === window.location.hash) return;
  if (options.replace === true) {
    window.history.replaceState(null, '', hash);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    window.location.hash = hash;
  }
}

export function currentPath(): string {
  return split(window.location.hash).path;
}

/** The location hook wouter's Router is given. */
export function useHashPath(): [string, (to: string, options?: { replace?: boolean }) => void] {
  const path = useSyncExternalStore(listen, () => split(window.location.hash).path);
  return [path, goTo];
}

export function useParameters(): URLSearchParams {
  const query = useSyncExternalStore(listen, () => split(window.location.hash).query);
  return new URLSearchParams(query);
}

/** Changes parameters of the current location in place; null removes one. */
export function setParameters(changes: Record<string, string | null>): void {
  const { path, query } = split(window.location.hash);
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const text = parameters.toString();
  goTo(text === '' ? path : `${path}?${text}`, { replace: true });
}
