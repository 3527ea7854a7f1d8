import { expect, it } from 'vitest';
import { DeviceHistory } from '../../../../../../main/core/checks/bench/history.ts';
import { Observed } from '../../../../../../main/core/checks/bench/observed.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../../preload/contract/events.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const mine = { productId: 'P', deviceName: 'mine' };
const other = { productId: 'P', deviceName: 'other' };
const event = (kind: string, more: object) => ({ atUs: 0, kind, ...more }) as unknown as PipelineEvent;

function bench() {
  const observed = new Observed();
  const { observer } = observed;
  const opened = (device: object, conversationId: string) => observer.event(event('conversation.opened', { ...device, conversationId }));
  return { observed, observer, opened, history: () => new DeviceHistory(new VirtualClock(), observed) };
}

it('has what the device did since the run began, from before anybody knew which one it is', () => {
  const { observer, opened, history } = bench();
  opened(mine, 'c0');
  const kept = history();
  observer.event(event('turn.started', { conversationId: 'c0', turnId: 1 }));
  observer.event(event('device.online', other));
  observer.event(event('wire.message', { deviceId: 'P_mine', name: 'mqtt' }));
  kept.is(mine);
  opened(other, 'c1');
  observer.event(event('turn.started', { conversationId: 'c1', turnId: 1 }));
  observer.event(event('turn.ended', { conversationId: 'c0', turnId: 1 }));
  observer.packet({ conversationId: 'c0', atUs: 5, index: 0 } as AudioPacket);
  observer.packet({ conversationId: 'c1', atUs: 5, index: 0 } as AudioPacket);
  // The conversation was open before; so it is told first.
  expect(kept.events.since(0).map(({ kind }) => kind)).toEqual(['conversation.opened', 'turn.started', 'wire.message', 'turn.ended']);
  expect(kept.packets.since(0)).toHaveLength(1);
  kept.close();
  observer.event(event('device.offline', mine));
  expect(kept.events.since(0)).toHaveLength(4);
});

it('knows which conversation of a device is open, the newest last', () => {
  const { observed, observer, opened } = bench();
  opened(mine, 'c0');
  opened(mine, 'c1');
  observer.event(event('conversation.closed', { conversationId: 'c0' }));
  expect(observed.conversationsOf(mine).map(({ conversationId }) => conversationId)).toEqual(['c1']);
  expect(observed.conversationsOf(other)).toEqual([]);
});

it('keeps of a long watch that connections came and went, and what was lost', () => {
  const { observer, opened, history } = bench();
  const kept = history();
  kept.is(mine);
  opened(mine, 'c0');
  observer.event(event('dropped', { conversationId: 'c0', what: 'downlink frames', count: 7 }));
  for (let i = 0; i < 250_000; i++) observer.event(event('downlink.queue', { conversationId: 'c0', queuedUs: 1 }));
  const kinds = kept.events.since(0).map(({ kind }) => kind);
  expect(kinds.length).toBeLessThan(250_000);
  expect(kinds.slice(0, 3)).toEqual(['conversation.opened', 'dropped', 'downlink.queue']);
});
