import type { Bench, BoardDevice } from '../../bench.ts';
import { isAddressQuery } from '../network/connections.ts';
import { isWithin } from './line.ts';

/** The board has to notice that its connection has ended: until then it takes itself for awake. */
const NOTICED_MS = 500;

/** One connection that a board made when it was woken. */
export interface Waking {
  conversationId: string;
  /**
   * The first thing heard of it, where a protocol has one before the connection itself (TWeTalk asks where to connect, and again when that came to
   * nothing); else the connection.
   */
  wokenUs: number;
  openedUs: number;
  /** How often it asked; null where its protocol has no such question. */
  tries: number | null;
}

/** The board, whose connection has ended, woken again; null: it did not come. A person's own time to react is no part of what is measured. */
export async function wakeUp(bench: Bench, device: BoardDevice, timeoutMs: number): Promise<Waking | null> {
  const sinceUs = bench.clock.nowUs();
  await bench.sleep(NOTICED_MS);
  const conversationId = await device.connected(timeoutMs);
  if (conversationId === null) return null;
  const events = device.events(sinceUs);
  const opened = events.find((event) => event.kind === 'conversation.opened' && isWithin(event, conversationId));
  const openedUs: number = opened?.atUs ?? bench.clock.nowUs();
  const fromUs = device.wakeAskedUs() ?? sinceUs;
  const asked = events.filter((event) => isAddressQuery(event) && event.atUs >= fromUs && event.atUs <= openedUs);
  return { conversationId, wokenUs: asked[0]?.atUs ?? openedUs, openedUs, tries: asked.length === 0 ? null : asked.length };
}
