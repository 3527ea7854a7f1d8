import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { WireFilter, WireMessage } from '../../../preload/contract/cloud/wire-log.ts';
import { inNextFrame } from '../../lib/idle.ts';
import { type Lab, useLab } from '../../lib/lab.ts';

/** As many as the core keeps. */
const MOST = 20_000;
const OLDER = 500;
/** A snapshot of fewer is all there is. */
const LEAST_OF_FULL_SNAPSHOT = 200;

/** The messages of one filter, oldest first and without gaps: what would leave one is read again by the reader, as older messages. */
export class WireMessages {
  readonly #listeners = new Set<() => void>();
  #messages: readonly WireMessage[] = [];
  #pending: WireMessage[] = [];
  /** Messages between those shown and those that wait are gone from here. */
  #hasGap = false;
  #isFrameAsked = false;
  #isPaused = false;
  #heldBack = 0;
  #hasOlder = true;
  #isReading = false;

  get messages(): readonly WireMessage[] {
    return this.#messages;
  }

  /** While it is paused: how many wait. */
  get heldBack(): number {
    return this.#heldBack;
  }

  /** Before the first message there are more, as far as is known. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(messages: readonly WireMessage[]): void {
    this.#messages = messages;
    this.#pending = [];
    this.#hasGap = false;
    this.#heldBack = 0;
    this.#hasOlder = messages.length >= LEAST_OF_FULL_SNAPSHOT;
    this.#tell();
  }

  take(messages: readonly WireMessage[]): void {
    for (const message of messages) this.#pending.push(message);
    if (this.#pending.length > MOST) {
      this.#pending = this.#pending.slice(-MOST);
      this.#hasGap = true;
    }
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    inNextFrame(() => {
      this.#isFrameAsked = false;
      if (this.#isPaused) this.#countHeldBack();
      else this.#flush();
    });
  }

  /** The core could not send as fast as messages came: those that wait are all that follows without a gap. */
  skip(): void {
    this.#pending = [];
    this.#hasGap = true;
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) this.#flush();
  }

  clear(): void {
    this.start([]);
  }

  async readOlder(lab: Lab, filter: WireFilter): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const before = this.#messages[0]?.id;
    try {
      const { messages } = await lab.call('wire.list', { filter, limit: OLDER, ...(before !== undefined && { before }) });
      // Another filter, or cleared meanwhile.
      if (this.#messages[0]?.id !== before) return;
      this.#hasOlder = messages.length === OLDER;
      this.#messages = [...messages.toReversed(), ...this.#messages];
      this.#tell();
    } finally {
      this.#isReading = false;
    }
  }

  #countHeldBack(): void {
    this.#heldBack = this.#pending.length;
    this.#tell();
  }

  #flush(): void {
    const last = this.#hasGap ? 0 : (this.#messages.at(-1)?.id ?? 0);
    const added = this.#pending.filter(({ id }) => id > last);
    this.#pending = [];
    this.#heldBack = 0;
    if (added.length === 0) {
      this.#tell();
      return;
    }
    const all = this.#hasGap ? added : [...this.#messages, ...added];
    if (this.#hasGap || all.length > MOST) this.#hasOlder = true;
    this.#hasGap = false;
    this.#messages = all.length > MOST ? all.slice(-MOST) : all;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export interface WireList {
  messages: readonly WireMessage[];
  isPaused: boolean;
  heldBack: number;
  hasOlder: boolean;
  pause(isPaused: boolean): void;
  clear(): void;
  readOlder(): Promise<void>;
}

/** The messages that the filter lets through, as they come; while paused they are kept back, not lost. */
export function useWireMessages(filter: WireFilter): WireList {
  const lab = useLab();
  const [store] = useState(() => new WireMessages());
  const [isPaused, setPaused] = useState(false);
  const key = JSON.stringify(filter);
  useEffect(
    () =>
      lab.subscribe(
        'wire.messages',
        { filter: JSON.parse(key) as WireFilter },
        {
          onSnapshot: (snapshot) => store.start(snapshot),
          onDelta: (items) => store.take(items),
          onDropped: () => store.skip(),
        },
      ),
    [lab, store, key],
  );
  const messages = useSyncExternalStore(store.listen, () => store.messages);
  const heldBack = useSyncExternalStore(store.listen, () => store.heldBack);
  const hasOlder = useSyncExternalStore(store.listen, () => store.hasOlder);
  const pause = useCallback(
    (next: boolean) => {
      setPaused(next);
      store.pause(next);
    },
    [store],
  );
  const readOlder = useCallback(() => store.readOlder(lab, JSON.parse(key) as WireFilter), [store, lab, key]);
  return { messages, isPaused, heldBack, hasOlder, pause, clear: () => store.clear(), readOlder };
}
