import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { Aggregator, type Chunk, FIRST_CHUNK_WAIT_US } from './aggregate.ts';
import type { ReplyText } from './generate.ts';

const TIMER = Symbol('timer');

/** The chunks of a reply as its text streams in; the first waits 350 ms for its punctuation and no longer. */
export async function* chunksOf(feed: AsyncIterable<ReplyText>, clock: Clock): AsyncGenerator<Chunk> {
  const aggregator = new Aggregator();
  const iterator = feed[Symbol.asyncIterator]();
  let cancelTimer: (() => void) | undefined;
  let timer: Promise<typeof TIMER> | undefined;
  let isWaitOver = false;
  function chunksIn(piece: ReplyText): Chunk[] {
    if (piece === 'flush') return aggregator.flush();
    return 'filler' in piece ? [aggregator.aside(piece.filler)] : aggregator.push(piece.text);
  }
  try {
    let next = iterator.next();
    while (true) {
      const result = await (timer && !isWaitOver ? Promise.race([next, timer]) : next);
      if (result === TIMER) isWaitOver = true;
      else if (result.done) {
        yield* aggregator.flush();
        return;
      } else {
        next = iterator.next();
        yield* chunksIn(result.value);
      }
      if (!aggregator.isFirst || !aggregator.hasPending) continue;
      if (isWaitOver) {
        const chunk = aggregator.cutAtWord();
        if (chunk) yield chunk;
      } else {
        timer ??= new Promise((resolve) => {
          cancelTimer = clock.at((clock.nowUs() + FIRST_CHUNK_WAIT_US) as MonoUs, () => resolve(TIMER));
        });
      }
    }
  } finally {
    cancelTimer?.();
    await iterator.return?.();
  }
}
