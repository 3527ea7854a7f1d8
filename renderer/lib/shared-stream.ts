import { useCallback, useEffect } from 'react';
import type { StreamDelta, StreamName, StreamRequest, StreamSnapshot } from '../../preload/contract/index.ts';
import { inNextFrame } from './idle.ts';
import { type Lab, useLab } from './lab.ts';
import { useRunning } from './running.ts';
import { atNextTick, forgetTick, type Tick, tickMs } from './ticks.ts';

/** How a stream's snapshot and deltas become what a screen shows. Both must return new values, never change old ones. */
export interface Fold<Name extends StreamName, State> {
  start(snapshot: StreamSnapshot<Name>): State;
  apply(state: State, items: StreamDelta<Name>[]): State;
}

/**
 * One subscription shared by every component that shows it. Open while anybody listens; listeners hear of the first state and
 * of a change after a quiet moment at once, of a flood of them with the ticks of the page.
 */
export class SharedStream<Name extends StreamName, State> {
  readonly #open: (onState: (change: (state: State | null) => State | null) => void) => () => void;
  readonly #listeners = new Set<Tick>();
  #state: State | null = null;
  #close: (() => void) | null = null;
  #toldMs = Number.NEGATIVE_INFINITY;
  #cancelFrame: (() => void) | null = null;

  constructor(lab: Lab, name: Name, body: StreamRequest<Name>, fold: Fold<Name, State>) {
    this.#open = (change) =>
      lab.subscribe(name, body, {
        onSnapshot: (snapshot) => change(() => fold.start(snapshot)),
        onDelta: (items) => change((state) => (state === null ? null : fold.apply(state, items))),
      });
  }

  readonly #tell: Tick = (isRunning) => {
    this.#cancelFrame = null;
    this.#toldMs = performance.now();
    for (const each of this.#listeners) each(isRunning);
  };

  /** Null until the first snapshot. */
  get state(): State | null {
    return this.#state;
  }

  readonly listen = (listener: Tick): (() => void) => {
    this.#listeners.add(listener);
    this.#close ??= this.#open((change) => {
      const isQuiet = this.#state === null || performance.now() - this.#toldMs > tickMs;
      this.#state = change(this.#state);
      if (isQuiet) this.#cancelFrame ??= inNextFrame(() => this.#tell(false));
      else atNextTick(this.#tell);
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancelFrame?.();
      this.#cancelFrame = null;
      forgetTick(this.#tell);
      this.#close?.();
      this.#close = null;
    };
  };
}

const streamsOfLab = new WeakMap<Lab, Map<string, unknown>>();

function sharedStreamOf<Name extends StreamName, State>(
  lab: Lab,
  name: Name,
  body: StreamRequest<Name>,
  fold: Fold<Name, State>,
): SharedStream<Name, State> {
  const key = `${name} ${JSON.stringify(body)}`;
  const streams = streamsOfLab.get(lab) ?? new Map<string, unknown>();
  streamsOfLab.set(lab, streams);
  const stream = (streams.get(key) as SharedStream<Name, State> | undefined) ?? new SharedStream(lab, name, body, fold);
  streams.set(key, stream);
  return stream;
}

/** `fold` must be a constant: the first one given for a stream is the one in use. */
export function useSharedStream<Name extends StreamName, State>(
  name: Name,
  body: StreamRequest<Name>,
  fold: Fold<Name, State>,
): State | null {
  return useSharedPart(name, body, fold, (state) => state);
}

/** A part of the state: renders only when that changes. `pick` must return a primitive or an object that stays the same. */
export function useSharedPart<Name extends StreamName, State, Part>(
  name: Name,
  body: StreamRequest<Name>,
  fold: Fold<Name, State>,
  pick: (state: State | null) => Part,
): Part {
  const stream = sharedStreamOf(useLab(), name, body, fold);
  return useRunning(stream.listen, () => pick(stream.state));
}

/** For what is only needed when something is done: the state at that moment. Nothing renders when it changes. */
export function useSharedNow<Name extends StreamName, State>(
  name: Name,
  body: StreamRequest<Name>,
  fold: Fold<Name, State>,
): () => State | null {
  const stream = sharedStreamOf(useLab(), name, body, fold);
  useEffect(() => stream.listen(() => {}), [stream]);
  return useCallback(() => stream.state, [stream]);
}
