import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useLab } from '../../../lib/lab.ts';
import { useSessionViewStore } from '../session-view.ts';
import type { Series } from './columns.ts';
import { type Found, foundLanes, foundOf, stepMatch } from './find.ts';
import type { LaneKey, TimelineModel } from './model.ts';

/** Words of which `kind:tts` chooses a kind of event; the rest is looked for in what events hold. */
function parts(words: string): { text: string; kind: string } {
  const kind = /(?:^|\s)kind:(\S*)/.exec(words)?.[1] ?? '';
  return { kind, text: words.replace(/(?:^|\s)kind:\S*/, '').trim() };
}

export interface Finding {
  found: Found | null;
  lanes: ReadonlyMap<LaneKey, readonly Series[]> | null;
  isFinding: boolean;
  at: number;
  find(words: string): void;
  step(step: 1 | -1): void;
}

/** A search over the session's events: which there are, and one after the other. */
export function useFind(sessionId: string, conversationId: string | null, model: TimelineModel, version: number): Finding {
  const lab = useLab();
  const store = useSessionViewStore();
  const [words, setWords] = useState('');
  const [at, setAt] = useState(-1);
  const { text, kind } = parts(words);
  const isOn = text !== '' || kind !== '';
  const query = useQuery({
    queryKey: ['timeline.find', { id: sessionId, conversationId, text, kind }],
    queryFn: async ({ signal }) => foundOf(await lab.call('timeline.find', { id: sessionId, conversationId, text, kind }, { signal })),
    enabled: isOn,
    placeholderData: keepPreviousData,
  });
  const found = isOn ? (query.data ?? null) : null;
  const lanes = useMemo(() => {
    void version; // the model is the same object with more in it
    return found === null ? null : foundLanes(model, found);
  }, [found, model, version]);
  const find = useCallback((next: string) => {
    setWords(next);
    setAt(-1);
  }, []);
  const step = useCallback(
    (by: 1 | -1) => {
      if (found === null) return;
      const next = stepMatch(found, at, by, store.getState().cursorUs);
      setAt(next);
      const ordinal = found.ids[next];
      if (ordinal !== undefined) store.getState().select({ kind: 'event', ordinal }, found.fromUs[next]);
    },
    [found, at, store],
  );
  return { found, lanes, isFinding: query.isFetching, at: found === null ? -1 : Math.min(at, found.ids.length - 1), find, step };
}
