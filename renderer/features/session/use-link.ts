import { useCallback, useEffect, useRef } from 'react';
import { setParameters, useParameters } from '../../lib/location.ts';
import { cursorOf, parametersOf, rangeOf, selectedOf, viewOf } from './session-link.ts';
import { useSessionViewStore } from './session-view.ts';

const ownNames = ['t', 'view', 'range', 'sel'];
/** The address is for reloading and for sending, not for every frame. */
const behindMs = 250;

function ownPart(parameters: URLSearchParams): string {
  return ownNames.map((name) => parameters.get(name) ?? '').join(' ');
}

/**
 * Keeps the address in step with the screen, a little behind, and the screen in step with an address that somebody follows. Returns what
 * writes it at once.
 */
export function useLink(): () => void {
  const store = useSessionViewStore();
  const parameters = useParameters();
  const own = ownPart(parameters);
  const written = useRef(own);
  const write = useCallback(() => {
    const changes = parametersOf(store.getState());
    written.current = ownNames.map((name) => changes[name] ?? '').join(' ');
    setParameters(changes);
  }, [store]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = store.subscribe((state, before) => {
      if (state.isPlaying || (state.durationUs !== before.durationUs && state.isFollowing)) return;
      clearTimeout(timer);
      timer = setTimeout(write, behindMs);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store, write]);

  useEffect(() => {
    if (own === written.current) return;
    written.current = own;
    const linked = new URLSearchParams(window.location.hash.split('?', 2)[1] ?? '');
    const { select, moveCursor, setRange, setView } = store.getState();
    select(selectedOf(linked));
    setRange(rangeOf(linked));
    const cursorUs = cursorOf(linked);
    if (cursorUs !== null) moveCursor(cursorUs);
    const view = viewOf(linked);
    if (view !== null) setView(view);
  }, [own, store]);

  return write;
}

/** The address as it can be sent: without what only this window knows. */
export function linkToHere(): string {
  const { origin, pathname, hash } = window.location;
  return `${origin}${pathname}${hash}`;
}
