import { hash } from 'node:crypto';
import type { VadEngine, VadStream } from '../../../../pipeline/engines/vad/engine.ts';

/** What the detector said of each window it was given, in order; a window by its digest, a reset as an empty one. Travels between threads. */
export interface HeardSound {
  digests: string[];
  probabilities: number[];
}

export interface RememberedVad extends VadEngine {
  readonly heard: HeardSound;
  /** A conversation goes on without a window that was not listened to; what it then comes to is nothing to compare. */
  readonly failure: { error: unknown } | undefined;
}

const RESET = '';

export interface RememberedVadOptions {
  engine: VadEngine;
  /** From an earlier time; is added to. */
  heard?: HeardSound | undefined;
  /** Of work that takes real time. */
  during<Value>(work: Promise<Value>): Promise<Value>;
}

/**
 * A detector that listens once, however often the same sound is listened to: other settings take nothing away from what it hears. Where
 * they do (half duplex), it listens to all of the new stretch from its beginning, so that what it remembers of the sound is right.
 */
export function rememberedVad({ engine, heard = { digests: [], probabilities: [] }, during }: RememberedVadOptions): RememberedVad {
  const { digests, probabilities } = heard;
  let failure: { error: unknown } | undefined;
  let frameSamples = 0;
  return {
    id: engine.id,
    heard,
    get failure() {
      return failure;
    },
    async open() {
      if (frameSamples === 0) {
        const probe = await noted(during(engine.open()));
        frameSamples = probe.frameSamples;
        probe.close();
      }
      return rememberedStream();
    },
  };

  async function noted<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  }

  function rememberedStream(): VadStream {
    // How much of what was heard this stream has been given; null once it is another sound.
    let at: number | null = 0;
    const given: (Int16Array | null)[] = [];
    let own: Promise<VadStream> | undefined;
    let isClosed = false;

    /** What was said of it, where it is what was heard next; what was not heard yet follows what was. */
    function known(digest: string): number | undefined {
      if (at === null || at === digests.length) return undefined;
      if (digests[at] === digest) return probabilities[at];
      at = null;
      return undefined;
    }

    function note(digest: string, probability: number): void {
      if (at === null) return;
      if (at === digests.length) {
        digests.push(digest);
        probabilities.push(probability);
      }
      at += 1;
    }

    /** A detector that has heard what this stream was given so far. */
    async function caughtUp(): Promise<VadStream> {
      const stream = await engine.open();
      for (const window of given) {
        if (window === null) stream.reset();
        else await stream.process(window);
      }
      return stream;
    }

    async function ask(window: Int16Array): Promise<number> {
      own ??= caughtUp();
      return (await own).process(window);
    }

    return {
      frameSamples,
      async process(window) {
        const digest = digestOf(window);
        const probability = known(digest) ?? (await noted(during(ask(window))));
        note(digest, probability);
        given.push(window);
        return probability;
      },
      reset() {
        known(RESET);
        note(RESET, 0);
        given.push(null);
        void own?.then((stream) => stream.reset());
      },
      close() {
        if (isClosed) return;
        isClosed = true;
        void own?.then((stream) => stream.close());
      },
    };
  }
}

function digestOf({ buffer, byteOffset, byteLength }: Int16Array): string {
  return hash('sha1', new Uint8Array(buffer, byteOffset, byteLength), 'base64');
}
