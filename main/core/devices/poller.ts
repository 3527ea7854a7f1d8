/** What serialport's POSIX drivers wait with (bindings-cpp 13). Its `once` asks by `poll`, then listens. */
interface Poller {
  poll(events?: number): void;
  on(event: PollEvent, listener: () => void): unknown;
  listenerCount(event: PollEvent): number;
}

type PollEvent = 'readable' | 'writable' | 'disconnect';

/** libuv's bits. */
const BITS: ReadonlyMap<PollEvent, number> = new Map([
  ['readable', 1],
  ['writable', 2],
  ['disconnect', 4],
]);

/**
 * Makes the poller of a driver just opened do what its waiters need. Once a driver; nothing where there is no poller (Windows).
 *
 * As it comes, waiting for one event takes back the wait for another: a write that waits for room is forgotten when a read begins to
 * wait, and the other way about. Where the board waits for the rest of that write, for ever. And after an event it listens on for all
 * that was ever asked for, also when nobody waits: with bytes unread it goes round as fast as the processor can.
 *
 * And it calls back behind Node's back (serialport/bindings-cpp#239): from Node 26.4 on, what awaited the event goes on only when
 * something else happens. So something does, in the same turn of the loop.
 */
export function mendPoller(driver: { readonly isOpen: boolean; readonly poller?: unknown }): void {
  const { poller } = driver;
  if (!isPoller(poller)) return;
  const ask = poller.poll.bind(poller);
  poller.poll = (events = 0) => ask(events | waitedFor(poller));
  for (const event of BITS.keys()) {
    poller.on(event, () => {
      setImmediate(() => {
        // Closed in between: to ask it now would crash the process.
        if (driver.isOpen) poller.poll();
      });
    });
  }
}

/** One listener of each event is ours, and waits for nothing. */
function waitedFor(poller: Poller): number {
  let events = 0;
  for (const [event, bit] of BITS) if (poller.listenerCount(event) > 1) events |= bit;
  return events;
}

function isPoller(value: unknown): value is Poller {
  if (typeof value !== 'object' || value === null) return false;
  const methods: readonly (keyof Poller)[] = ['poll', 'on', 'listenerCount'];
  return methods.every((method) => typeof Reflect.get(value, method) === 'function');
}
