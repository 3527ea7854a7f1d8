import type { Duplex } from 'node:stream';

/** What is written to a socket in one moment goes out with one write, after whatever else that moment had to do. */
export interface OneWrite {
  /** What is written from here on waits for the end of the moment, or for `flush`. */
  hold(): void;
  /** What waits goes out now, before this returns. */
  flush(): void;
}

/**
 * A write costs 0.15 to 0.3 ms on the event loop, each message its own; around a turn's end five are told within the few calls that lead to
 * the request to the language model, which waited for all of them. Held back, they are one write behind that request. The order stays that
 * of the calls: it is the socket's own queue that holds them.
 */
export function oneWrite(socket: Pick<Duplex, 'cork' | 'uncork'>): OneWrite {
  let isHeld = false;

  function flush(): void {
    if (!isHeld) return;
    isHeld = false;
    socket.uncork();
  }

  return {
    hold() {
      if (isHeld) return;
      isHeld = true;
      socket.cork();
      // Behind the promises that are settled by now, and before anything else is waited for.
      process.nextTick(flush);
    },
    flush,
  };
}
