import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { Channel } from '../../channel.ts';
import { orAborted } from '../abort.ts';
import { cutFailure, type ServiceName } from './failure.ts';
import { inTime } from './in-time.ts';
import type { ServiceSocket } from './socket.ts';

export interface SharedSocketOptions<Event> {
  service: ServiceName;
  clock: Clock;
  open(signal: AbortSignal): Promise<ServiceSocket>;
  read(message: string | Uint8Array): Event;
  /** Whose event it is; undefined: everybody's. */
  requestOf(event: Event): string | undefined;
  /** Nothing follows it for its request. */
  isLast(event: Event): boolean;
  /** What is said of a request that nobody waits for any more. */
  cancelled(request: string): string;
}

const OPEN_MS = 10_000;
/** Between two turns of a conversation; who begins to speak later has it opened anew. */
const IDLE_MS = 60_000;
/** A connection that died without a word says nothing: after so long it is not trusted with a further request. */
const SUSPICIOUS_US = 1_500_000;

interface Link<Event> {
  opening: Promise<ServiceSocket>;
  socket: ServiceSocket | null;
  /** Its own: no request ends it, for others may be on it. */
  leave: AbortController;
  requests: Map<string, Channel<Event>>;
  /** Messages that came over it. */
  heard: number;
  cancelIdle: () => void;
}

/**
 * One connection for many requests at once, opened with the first of them (or ahead of it) and again after the service closed it.
 * There is no back-pressure: one request's reader cannot hold up the other's, so what came waits in memory, a sentence's audio each.
 */
export class SharedSocket<Event> {
  readonly #options: SharedSocketOptions<Event>;
  #present: Link<Event> | null = null;
  #isClosed = false;

  constructor(options: SharedSocketOptions<Event>) {
    this.#options = options;
  }

  /** Opens it. A failure is told by the request that then tries. */
  warm(): void {
    if (!this.#isClosed) this.#link();
  }

  /**
   * Sends the message and gives the events of its request, to the last. Leaving before that cancels the request. Rejects with the
   * signal's reason, what opening failed with, or 'engine/cut'. Where a connection from before turns out to have been closed, before
   * anything came of the request, it is asked again on a new one.
   */
  async *ask(request: string, message: string, signal: AbortSignal): AsyncGenerator<Event> {
    for (let isAgain = false; ; isAgain = true) {
      const link = this.#link();
      const progress = { wasOpen: link.socket !== null, hasBegun: false };
      try {
        yield* this.#askOn(link, request, message, signal, progress);
        return;
      } catch (error) {
        if (signal.aborted || this.#isClosed || isAgain || !progress.wasOpen || progress.hasBegun) throw error;
      }
    }
  }

  /** Requests under way fail. Safe twice. */
  close(): void {
    this.#isClosed = true;
    if (this.#present !== null) this.#drop(this.#present);
  }

  async *#askOn(
    link: Link<Event>,
    request: string,
    message: string,
    signal: AbortSignal,
    progress: { hasBegun: boolean },
  ): AsyncGenerator<Event> {
    const { clock, isLast, cancelled } = this.#options;
    const events = new Channel<Event>();
    link.requests.set(request, events);
    link.cancelIdle();
    let sent: { us: number; heard: number } | undefined;
    let isOver = false;
    try {
      const socket = await orAborted(link.opening, signal);
      signal.throwIfAborted();
      sent = { us: clock.nowUs(), heard: link.heard };
      socket.send(message);
      const each = events[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await orAborted(each.next(), signal);
        if (done) return;
        progress.hasBegun = true;
        isOver = isLast(value);
        yield value;
        if (isOver) return;
      }
    } finally {
      events.end();
      link.requests.delete(request);
      if (!isOver && sent !== undefined) {
        link.socket?.send(cancelled(request));
        const isSilent = link.heard === sent.heard && clock.nowUs() - sent.us > SUSPICIOUS_US;
        if (isSilent && this.#present === link) this.#present = null;
      }
      this.#left(link);
    }
  }

  #link(): Link<Event> {
    if (this.#present !== null) return this.#present;
    const { service, clock, open } = this.#options;
    if (this.#isClosed) throw cutFailure(service, new Error('closed'));
    const leave = new AbortController();
    const opening = inTime(open(leave.signal), { clock, service, limitMs: OPEN_MS });
    const link: Link<Event> = {
      ...{ opening, socket: null, leave, requests: new Map(), heard: 0 },
      cancelIdle: () => undefined,
    };
    this.#present = link;
    opening.then(
      (socket) => this.#serve(link, socket),
      () => this.#drop(link), // told by whoever waits for it
    );
    return link;
  }

  async #serve(link: Link<Event>, socket: ServiceSocket): Promise<void> {
    const { service, read, requestOf } = this.#options;
    link.socket = socket;
    this.#left(link);
    let failure: unknown;
    try {
      for await (const message of socket.messages) {
        link.heard += 1;
        const event = read(message);
        const request = requestOf(event);
        if (request !== undefined) link.requests.get(request)?.push(event);
        else for (const events of link.requests.values()) events.push(event);
      }
    } catch (error) {
      failure = error;
    }
    failure ??= cutFailure(service, new Error(`closed before the audio was complete ${socket.closed?.reason ?? ''}`.trim()));
    for (const events of link.requests.values()) events.fail(failure);
    this.#drop(link);
  }

  /** Nobody is on it: it is kept for a while, unless a newer one took its place. */
  #left(link: Link<Event>): void {
    link.cancelIdle();
    if (link.requests.size > 0) return;
    if (this.#present !== link) this.#drop(link);
    else if (link.socket !== null) {
      const { clock } = this.#options;
      link.cancelIdle = clock.at((clock.nowUs() + IDLE_MS * 1000) as MonoUs, () => this.#drop(link));
    }
  }

  #drop(link: Link<Event>): void {
    if (this.#present === link) this.#present = null;
    link.cancelIdle();
    link.leave.abort();
    link.socket?.close();
  }
}
