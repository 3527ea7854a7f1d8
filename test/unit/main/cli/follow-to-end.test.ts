import { describe, expect, test } from 'vitest';
import { followToEnd } from '../../../../main/cli/follow-to-end.ts';
import { snapshotOf } from '../../../../main/cli/snapshot.ts';
import type { Client } from '../../../../preload/contract/client.ts';
import type { Batch } from '../../../../preload/contract/recipes.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

interface Heard {
  onSnapshot(batches: Batch[]): void;
  onDelta(batches: Batch[]): void;
  onEnd(error: TalkError | null): void;
}

/** One stream of a core that says what the test says, and tells what is still listened to. */
function core() {
  let observer: Heard | null = null;
  const listeners = new Set<(reason: string) => void>();
  const client: Pick<Client, 'subscribe' | 'onClose'> = {
    subscribe(_name, _body, given) {
      observer = given as unknown as Heard;
      return () => {
        observer = null;
      };
    },
    onClose(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    client,
    snapshot: (...batches: Batch[]) => observer?.onSnapshot(batches),
    delta: (...batches: Batch[]) => observer?.onDelta(batches),
    end: (error: TalkError | null) => observer?.onEnd(error),
    close() {
      for (const listener of listeners) listener('gone');
    },
    get isHeard() {
      return observer !== null || listeners.size > 0;
    },
  };
}

const batch = (batchId: string, state: Batch['state']): Batch => ({
  batchId,
  recipeId: 'r',
  name: 'line 7',
  startedWallMs: 0,
  state,
  boards: [],
});

function follow(of: ReturnType<typeof core>, cancel: () => Promise<unknown> = async () => {}) {
  const heard: string[] = [];
  const abort = new AbortController();
  const ended = followToEnd(of.client, {
    stream: 'batch.all',
    isIt: ({ batchId }) => batchId === 'mine',
    hear: ({ state }) => heard.push(state),
    cancel,
    interrupt: abort.signal,
  });
  return { heard, abort, ended };
}

describe('what was begun is followed to its end', () => {
  test('through all its states and no others', async () => {
    const of = core();
    const { heard, ended } = follow(of);
    of.snapshot(batch('other', 'done'), batch('mine', 'running'));
    of.delta(batch('other', 'done'), batch('mine', 'done'));
    expect(await ended).toEqual(batch('mine', 'done'));
    expect(heard).toEqual(['running', 'done']);
    expect(of.isHeard).toBe(false);
  });

  test('also when it ended before it could be heard of', async () => {
    const of = core();
    const { ended } = follow(of);
    of.snapshot(batch('mine', 'done'));
    expect((await ended).state).toBe('done');
  });

  test('an interrupt cancels it, and its end is waited for', async () => {
    const of = core();
    let cancels = 0;
    const { abort, ended } = follow(of, async () => cancels++);
    of.snapshot(batch('mine', 'running'));
    abort.abort();
    expect(cancels).toBe(1);
    of.delta(batch('mine', 'cancelled'));
    expect((await ended).state).toBe('cancelled');
  });

  test('a core that goes away, or ends the stream, is an error and no wait for ever', async () => {
    for (const leave of ['close', 'end'] as const) {
      const of = core();
      const { ended } = follow(of);
      of.snapshot(batch('mine', 'running'));
      if (leave === 'close') of.close();
      else of.end(null);
      await expect(ended).rejects.toMatchObject({ code: 'disconnected' });
      expect(of.isHeard).toBe(false);
    }
  });

  test('what cannot be cancelled says why', async () => {
    const of = core();
    const { abort, ended } = follow(of, () => Promise.reject(new TalkError('not-found')));
    abort.abort();
    await expect(ended).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('how things stand', () => {
  test('is the first thing a stream says', async () => {
    const of = core();
    const asked = snapshotOf(of.client, 'batch.all', {});
    of.snapshot(batch('mine', 'running'));
    expect(await asked).toEqual([batch('mine', 'running')]);
    expect(of.isHeard).toBe(false);
  });

  test('is an error when the stream or the core goes first', async () => {
    for (const leave of ['close', 'end'] as const) {
      const of = core();
      const asked = snapshotOf(of.client, 'batch.all', {});
      if (leave === 'close') of.close();
      else of.end(new TalkError('forbidden'));
      await expect(asked).rejects.toMatchObject({ code: leave === 'close' ? 'disconnected' : 'forbidden' });
    }
  });
});
