import { useEffect, useRef, useState } from 'react';

const pauseMs = 180;

/**
 * A field whose text is used when the typing pauses: each use is a search through the whole log. `flush` uses it now. Changes from
 * elsewhere (a link, a chip taken off) replace what is in the field.
 */
export function useDelayedText(value: string, onUse: (text: string) => void): { text: string; type(text: string): void; flush(): void } {
  const [typed, setTyped] = useState<string | null>(null);
  const [from, setFrom] = useState(value);
  const latest = useRef(onUse);
  useEffect(() => {
    latest.current = onUse;
  });
  if (from !== value) {
    setFrom(value);
    setTyped(null);
  }
  useEffect(() => {
    if (typed === null || typed === value) return;
    const timer = setTimeout(() => latest.current(typed), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return { text: typed ?? value, type: setTyped, flush: () => typed !== null && typed !== value && onUse(typed) };
}
