import { startTransition, useEffect, useReducer, useRef } from 'react';
import type { Tick } from './ticks.ts';

/**
 * Something outside of React that changes by itself, for a component to show. What is told as running is rendered in the background,
 * a few milliseconds at a time: `useSyncExternalStore` would render a whole screen in one piece, and the frame it falls into would be
 * late. `listen` must stay the same function while it listens to the same thing; `read` must return a primitive or a stable object.
 */
export function useRunning<Value>(listen: (onChange: Tick) => () => void, read: () => Value): Value {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const value = read();
  const rendered = useRef({ value, read });
  useEffect(() => {
    rendered.current = { value, read };
  });
  useEffect(() => {
    const look: Tick = (isRunning) => {
      if (Object.is(rendered.current.read(), rendered.current.value)) return;
      if (isRunning) startTransition(render);
      else render();
    };
    const stop = listen(look);
    look(false); // what changed between the rendering and now
    return stop;
  }, [listen]);
  return value;
}
