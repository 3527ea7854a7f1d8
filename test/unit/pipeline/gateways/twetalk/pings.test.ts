import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Pings } from '../../../../../pipeline/gateways/twetalk/pings.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** The part of a WebSocket that pings use; the test is its peer. */
class Peer extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  readonly sent: Buffer[] = [];
  ping(payload: Buffer): void {
    this.sent.push(payload);
  }
}

let clock: VirtualClock;
let peer: Peer;
let pings: Pings;
beforeEach(() => {
  clock = new VirtualClock();
  peer = new Peer();
  pings = new Pings(clock, peer as unknown as WebSocket);
});

test('pings under way at once are told apart by their payload', async () => {
  const first = pings.ping(125, 1000);
  await clock.advance(10_000);
  const second = pings.ping(125, 1000);
  await clock.advance(20_000);
  peer.emit('pong', peer.sent[1]);
  peer.emit('pong', peer.sent[0]);
  expect([await first, await second]).toEqual([30, 20]);
  expect(peer.sent.map(({ length }) => length)).toEqual([125, 125]);
  expect(clock.pendingTimers).toBe(0);
});

test('a ping carries at least what tells it apart, and at most what a control frame may', () => {
  void pings.ping(0, 1000);
  void pings.ping(4000, 1000);
  expect(peer.sent.map(({ length }) => length)).toEqual([4, 125]);
});

test('what does not come back in time, or at all, is null; what comes late is nobody’s', async () => {
  const late = pings.ping(4, 100);
  await clock.advance(100_000);
  expect(await late).toBeNull();
  peer.emit('pong', peer.sent[0]);
  const unanswered = pings.ping(4, 60_000);
  peer.emit('pong', Buffer.from('another'));
  peer.emit('close');
  expect(await unanswered).toBeNull();
  expect(clock.pendingTimers).toBe(0);
});

test('a closed connection is not pinged', async () => {
  peer.readyState = WebSocket.CLOSED;
  expect(await pings.ping(4, 1000)).toBeNull();
  expect(peer.sent).toEqual([]);
});
