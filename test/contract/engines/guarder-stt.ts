import { expect } from 'vitest';
import type { SttEngine, SttOptions, SttResult, SttStream } from '../../../pipeline/engines/stt/engine.ts';
import { behave, expectFailure, failingBehaviours, type GuardHarness, type GuardRig, givenUpInTime, guard, soon } from './guarder.ts';

export interface SttHarness extends GuardHarness<SttEngine> {
  /** Two recordings (16 kHz) that are recognised differently. A fake service may tell them apart by their length or first samples. */
  utterances(): Promise<readonly [SpokenUtterance, SpokenUtterance]>;
  options?: Partial<Omit<SttOptions, 'signal'>>;
}

export interface SpokenUtterance {
  pcm: Int16Array;
  text: string;
  language: string;
}

/** Frames of 32 ms, as the pipeline writes them, and then pieces of all lengths. */
const FRAME = 512;
const oddLengths = [1, 7, 333, 1000, 2, 511];

export function guardStt(harness: SttHarness): void {
  const open = (rig: GuardRig<SttEngine>, utterance: SpokenUtterance, signal = new AbortController().signal) =>
    rig.engine.open({ language: utterance.language, ...harness.options, signal });

  async function hears(rig: GuardRig<SttEngine>, utterance: SpokenUtterance, lengths: readonly number[] = [FRAME]): Promise<SttResult> {
    const stream = await soon('the stream', open(rig, utterance));
    try {
      for (const piece of pieces(utterance.pcm, lengths)) stream.write(piece);
      return await soon('the transcript', stream.finish());
    } finally {
      stream.close();
      stream.close();
    }
  }

  function failing(name: keyof typeof failingBehaviours) {
    return async (rig: GuardRig<SttEngine>) => {
      const [utterance] = await harness.utterances();
      behave(rig, failingBehaviours[name]);
      await expectFailure(harness, rig, name, hears(rig, utterance));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    };
  }

  guard('stt', harness, {
    async flush(rig) {
      const [utterance] = await harness.utterances();
      expect((await hears(rig, utterance)).text).toBe(utterance.text);
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async interleaved(rig) {
      const both = await harness.utterances();
      const streams = await soon('both streams', Promise.all(both.map((utterance) => open(rig, utterance))));
      const rest = both.map(({ pcm }) => [...pieces(pcm, [FRAME])]);
      while (rest.some((left) => left.length > 0)) {
        for (const [index, stream] of streams.entries()) {
          const piece = rest[index]?.shift();
          if (piece !== undefined) stream.write(piece);
        }
      }
      const results = await soon('both transcripts', Promise.all(streams.map((stream) => stream.finish())));
      for (const stream of streams) stream.close();
      expect(results.map(({ text }) => text)).toEqual(both.map(({ text }) => text));
    },

    async 'one of two cancelled'(rig) {
      const [one, other] = await harness.utterances();
      const abort = new AbortController();
      const cancelled = await soon('a stream', open(rig, one, abort.signal));
      const heard = hears(rig, other);
      cancelled.write(one.pcm.subarray(0, FRAME));
      abort.abort(new Error('enough'));
      cancelled.close();
      expect((await heard).text).toBe(other.text);
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'cancel at every await'(rig) {
      const [utterance] = await harness.utterances();
      rig.behave?.('slow');
      const reason = new Error('enough');
      for (const moment of ['before opening', 'while it opens', 'after opening', 'while it listens', 'while it finishes'] as const) {
        const abort = new AbortController();
        if (moment === 'before opening') abort.abort(reason);
        const opening = open(rig, utterance, abort.signal);
        if (moment === 'while it opens') abort.abort(reason);
        const outcome = await soon(
          moment,
          opening.then((stream) => rest(stream, utterance, () => abort.abort(reason), moment)).catch((error: unknown) => ({ error })),
        );
        // An engine whose opening does not wait for anything may open all the same; finishing then says it.
        expect(outcome.error, `aborted ${moment}: ends with the abort`).toBe(reason);
        await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
      }
      // Closed without finishing, as a rejected onset is.
      const stream = await soon('the stream', open(rig, utterance));
      stream.write(utterance.pcm.subarray(0, FRAME));
      stream.close();
      stream.close();
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
      rig.behave?.('normal');
      expect((await hears(rig, utterance)).text).toBe(utterance.text);
    },

    async 'odd chunks'(rig) {
      const [utterance] = await harness.utterances();
      rig.behave?.('odd-chunks');
      expect((await hears(rig, utterance, oddLengths)).text).toBe(utterance.text);
    },
    async slow(rig) {
      const [utterance] = await harness.utterances();
      behave(rig, 'slow');
      expect((await hears(rig, utterance)).text).toBe(utterance.text);
    },
    'in-band error': failing('in-band error'),
    'rate-limited': failing('rate-limited'),
    cut: failing('cut'),
    'wrong key': failing('wrong key'),

    async silent(rig, clock) {
      const [utterance] = await harness.utterances();
      behave(rig, 'silent');
      const outcome = hears(rig, utterance);
      outcome.catch(() => {});
      await soon('the service to see the request', rig.seen?.(1) ?? Promise.resolve());
      await expectFailure(harness, rig, 'silent', soon('giving up', givenUpInTime(clock, outcome)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async hang(rig, clock) {
      const [utterance] = await harness.utterances();
      behave(rig, 'hang');
      const outcome = hears(rig, utterance);
      outcome.catch(() => {});
      await soon('the service to see the request', rig.seen?.(1) ?? Promise.resolve());
      await expectFailure(harness, rig, 'hang', soon('giving up', givenUpInTime(clock, outcome)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'left idle'(rig) {
      const [utterance] = await harness.utterances();
      await hears(rig, utterance);
      await soon('the connections to be closed', rig.dropIdle?.() ?? Promise.resolve());
      expect((await hears(rig, utterance)).text).toBe(utterance.text);
    },

    async warmed() {
      throw new Error('a recogniser is opened with the first word');
    },

    async absent(rig) {
      const [utterance] = await harness.utterances();
      await rig.vanish?.();
      await expectFailure(harness, rig, 'absent', hears(rig, utterance));
    },
  });
}

type Moment = 'before opening' | 'while it opens' | 'after opening' | 'while it listens' | 'while it finishes';

async function rest(stream: SttStream, { pcm }: SpokenUtterance, abort: () => void, moment: Moment): Promise<{ error?: unknown }> {
  try {
    if (moment === 'after opening') abort();
    const all = [...pieces(pcm, [FRAME])];
    for (const [index, piece] of all.entries()) {
      if (moment === 'while it listens' && index === Math.floor(all.length / 2)) abort();
      stream.write(piece); // throws for nobody: the microphone goes on while the engine is gone
    }
    const finishing = stream.finish();
    if (moment === 'while it finishes') abort();
    await finishing;
    return {};
  } catch (error) {
    return { error };
  } finally {
    stream.close();
  }
}

function* pieces(pcm: Int16Array, lengths: readonly number[]): Iterable<Int16Array> {
  for (let from = 0, turn = 0; from < pcm.length; turn++) {
    const length = lengths[turn % lengths.length] ?? FRAME;
    yield pcm.subarray(from, from + length);
    from += length;
  }
}
