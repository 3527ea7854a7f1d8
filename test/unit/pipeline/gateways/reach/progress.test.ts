import { describe, expect, it } from 'vitest';
import { ReachProgress } from '../../../../../pipeline/gateways/reach/progress.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const atUs = 0 as MonoUs;
const device = { productId: 'P1', deviceName: 'lamp_1' };
const mqtt = { atUs, kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt', direction: 'up', deviceId: 'P1_lamp_1' } as const;
const subscribed: PipelineEvent = { ...mqtt, name: '$thing/down/property/P1/lamp_1', text: '', note: 'SUBSCRIBE' };
const asked: PipelineEvent = { ...mqtt, name: '$twecall/up/service/P1/lamp_1', text: '{}' };

/** `done` and `failed: reason`, in the order of the way. */
function way(progress: ReachProgress, at = 0): string[] {
  return (progress.boards()[at]?.steps ?? []).map(
    ({ step, state, reason }) => `${step} ${reason === undefined ? state : `${state}: ${reason}`}`,
  );
}

function progressAfter(...events: PipelineEvent[]): ReachProgress {
  const progress = new ReachProgress(() => 1000);
  for (const event of events) progress.observe(event);
  return progress;
}

describe('how far a board came', () => {
  it('somebody connected and said nothing: a board is there, and no more is known', () => {
    const progress = progressAfter({ atUs, kind: 'listener.connection', listener: 'mqtt', remoteAddress: '192.168.1.7' });
    expect(progress.boards()).toMatchObject([{ id: '192.168.1.7', gateway: '' }]);
    expect(way(progress)).toEqual(['name done', 'connection done', 'sign-in open']);
  });

  it('a wrong password is told at the step it stopped at', () => {
    expect(way(progressAfter({ atUs, kind: 'device.refused', ...device, reason: 'bad-password' }))).toEqual([
      ...['name done', 'connection done', 'sign-in failed: bad-password'],
      ...['subscription open', 'address open', 'voice open', 'speech open'],
    ]);
  });

  it('a hint at what would have been right stands there too, and goes with the next reason', () => {
    const refused = { atUs, kind: 'device.refused', ...device } as const;
    const progress = progressAfter({ ...refused, reason: 'bad-password', hint: 'password-undecoded' });
    expect(progress.boards()[0]?.steps[2]).toMatchObject({ reason: 'bad-password', hint: 'password-undecoded' });
    progress.observe({ ...refused, reason: 'bad-password' });
    expect(progress.boards()[0]?.steps[2]).not.toHaveProperty('hint');
  });

  it('what worked in the end is no failure any more, and what came before it was done', () => {
    const progress = progressAfter(
      { atUs, kind: 'device.refused', ...device, reason: 'bad-password' },
      { atUs, kind: 'device.online', ...device },
      subscribed,
      asked,
      { atUs, kind: 'device.refused', ...device, reason: 'token-expired' },
    );
    expect(way(progress)).toEqual([
      ...['name done', 'connection done', 'sign-in done', 'subscription done', 'address done'],
      ...['voice failed: token-expired', 'speech open'],
    ]);
  });

  it.each([
    ['xiaozhi', 'bad-token', 'voice failed: bad-token'],
    ['xiaozhi', 'bad-activation', 'registration failed: bad-activation'],
    ['tuya', 'replayed-hello', 'sign-in failed: replayed-hello'],
    ['twetalk', 'connected-already', 'voice failed: connected-already'],
  ])('a refusal stands with the board of its protocol, at its step: %s %s', (gateway, reason, step) => {
    const progress = progressAfter({ atUs, kind: 'device.refused', ...device, reason, gateway });
    expect(progress.boards().map((board) => board.gateway)).toEqual([gateway]);
    expect(way(progress)).toContain(step);
  });

  it('an address that holds as many sockets as one may is told so', () => {
    const progress = new ReachProgress(() => 1000);
    const connection = { atUs, kind: 'listener.connection', listener: 'mqtt', remoteAddress: '192.168.1.7' } as const;
    progress.observe(connection);
    progress.observe({ ...connection, isRefused: true });
    expect(way(progress)).toContain('connection failed: too-many-connections');
  });

  it('a subscription that was refused names its topic', () => {
    const progress = progressAfter({ ...mqtt, name: '$thing/down/property/OTHER/x', text: '', note: 'SUBSCRIBE, refused' });
    expect(way(progress)[3]).toBe('subscription failed: $thing/down/property/OTHER/x');
  });

  it('joins what came from its address before it said its name', () => {
    const progress = new ReachProgress(() => 1000);
    progress.asked('192.168.1.7', 'name');
    progress.observe({ atUs, kind: 'listener.connection', listener: 'mqtt', remoteAddress: '192.168.1.7' });
    progress.observe({ atUs, kind: 'device.refused', ...device, reason: 'bad-password' });
    progress.isAt('twetalk', device, '192.168.1.7');
    expect(progress.boards()).toHaveLength(1);
    expect(way(progress).slice(0, 3)).toEqual(['name done', 'connection done', 'sign-in failed: bad-password']);
  });

  it('changes are told once: the same again is none', () => {
    const progress = progressAfter(subscribed);
    expect(progress.observe(subscribed)).toBe(false);
    expect(progress.observe(asked)).toBe(true);
  });

  it('remembers the newest two hundred', () => {
    const progress = new ReachProgress(() => 0);
    for (let count = 0; count < 500; count += 1) progress.observe({ atUs, kind: 'device.online', productId: 'P', deviceName: `d${count}` });
    for (let count = 0; count < 500; count += 1) progress.asked(`10.0.${count >> 8}.${count & 255}`, 'connection');
    expect(progress.boards().length).toBeLessThanOrEqual(200);
  });
});
