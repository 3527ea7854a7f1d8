import type { MonoUs } from '../../../../../preload/contract/time.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { isWithin } from './line.ts';

/** The board has to notice that its connection has ended: until then it takes itself for awake. */
const NOTICED_MS = 500;

/** One connection that a board made when it was woken. */
export interface Waking {
  conversationId: string;
  /** The first thing heard of it, where a protocol has one before the connection itself (TWeTalk asks where to connect); else the connection. */
  wokenUs: number;
  openedUs: number;
}

/** The board, whose connection has ended, woken again; null: it did not come. A person's own time to react is no part of what is measured. */
export async function wakeUp(bench: Bench, device: BoardDevice, timeoutMs: number): Promise<Waking | null> {
  const sinceUs = bench.clock.nowUs();
  await bench.sleep(NOTICED_MS);
  const conversationId = await device.connected(timeoutMs);
  if (conversationId === null) return null;
  const events = device.events(sinceUs);
  const opened = events.find((event) => event.kind === 'conversation.opened' && isWithin(event, conversationId));
  const openedUs: MonoUs | number = opened?.atUs ?? bench.clock.nowUs();
  const asked = events.findLast(
    (event) => event.kind === 'wire.message' && event.direction === 'up' && event.atUs <= openedUs && isCallingForAddress(event.text ?? ''),
  );
  return { conversationId, wokenUs: asked?.atUs ?? openedUs, openedUs };
}

function isCallingForAddress(text: string): boolean {
  return text.includes('query_websocket_url');
}
