import { create, type StoreApi, type UseBoundStore } from 'zustand';

/**
 * A small state of this window's user that survives a reload. What is read back is laid over the defaults; a store that cannot be
 * read or written (private browsing, another version's) costs the memory of it, nothing else.
 */
export function storedState<State extends object>(key: string, defaults: State): UseBoundStore<StoreApi<State>> {
  const store = create<State>(() => ({ ...defaults, ...read(key) }));
  store.subscribe((state) => {
    try {
      window.localStorage.setItem(key, JSON.stringify(state));
    } catch {
      // Full or forbidden: it holds until the page goes.
    }
  });
  return store;
}

function read(key: string): object {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(key) ?? '{}');
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {};
  }
}
