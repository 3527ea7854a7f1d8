import { describe, expect, test } from 'vitest';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createRig, type Rig, type RigOptions } from '../turn/rig.ts';

/** What owners of boards complain about in other servers (reference/voice.md §1.3, “xiaozhi”). */
const FRAME_MS = 60;
const LEAD_MS = 120;
const reply = '一二三四五六七八九十，一二三四五六七八九十。一二三四五六七八九十。';

async function asked(options: RigOptions): Promise<Rig> {
  const rig = await createRig({ frameMs: FRAME_MS, replies: [{ tokens: [reply] }], ...options });
  rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
  return rig;
}

const gapsMs = (rig: Rig) => rig.peer.packets.slice(1).map(({ atUs }, index) => (atUs - (rig.peer.packets[index]?.atUs ?? 0)) / 1000);

describe('a small board', () => {
  test('never gets two frames at once, from the first one on (xiaozhi-server #3349, #3352: five frames at once restarted ESP32-C3)', async () => {
    const rig = await asked({ tts: { speed: 1000 } });
    await rig.advanceMs(10_000);
    expect(rig.peer.packets.length).toBeGreaterThan(20);
    expect(Math.min(...gapsMs(rig))).toBeGreaterThanOrEqual(FRAME_MS / 2);
  });

  test('never has more than the lead in its buffer, however fast the synthesiser is (firmware #545: old buffers hold five frames)', async () => {
    const rig = await asked({ tts: { speed: 1000 } });
    await rig.advanceMs(10_000);
    const [first] = rig.peer.packets;
    const aheadMs = rig.peer.packets.map(({ atUs, mediaUs }) => (mediaUs - (first?.mediaUs ?? 0) - (atUs - (first?.atUs ?? 0))) / 1000);
    expect(Math.max(...aheadMs)).toBeLessThanOrEqual(LEAD_MS);
  });

  test('gets no stutter from a synthesiser that is as fast as speech: one line of time, frames side by side (server #2647)', async () => {
    const rig = await asked({ tts: { speed: 1.1 }, replies: [{ tokens: ['一二三四五六七八九十一二三四五六七八九十。'] }] });
    await rig.advanceMs(10_000);
    const steps = rig.peer.packets.slice(1).map(({ mediaUs }, index) => (mediaUs - (rig.peer.packets[index]?.mediaUs ?? 0)) / 1000);
    expect(steps.every((step) => step === FRAME_MS)).toBe(true);
    expect(rig.of('downlink.underrun')).toEqual([]);
  });

  test('is told of the end of speech when it has played all of it, not when the last frame was sent (firmware #1665)', async () => {
    const rig = await asked({});
    await rig.advanceMs(10_000);
    const last = rig.peer.packets.at(-1);
    const [first] = rig.peer.packets;
    const playEndUs = (first?.atUs ?? 0) + (last?.mediaUs ?? 0) - (first?.mediaUs ?? 0) + FRAME_MS * 1000;
    const stopped = rig.peer.messages.find(({ kind }) => kind === 'bot-stopped-speaking');
    expect(stopped?.atUs).toBeGreaterThanOrEqual(playEndUs);
    expect((stopped?.atUs ?? 0) - playEndUs).toBeLessThanOrEqual(500_000);
  });
});

describe('a board is never left speaking (firmware #337)', () => {
  const cut = new TalkError('engine/cut', { stage: 'tts', engine: 'fake-tts', reason: 'x' });
  const endings: Record<string, { options: RigOptions; end?: (rig: Rig) => void }> = {
    'the reply was played': { options: {} },
    'the voice fails after its first sentence': {
      options: {
        tts: {
          failing: new Map([
            [2, cut],
            [3, cut],
          ]),
        },
      },
    },
    'the voice hangs in the middle': { options: { tts: { hanging: new Set([2]) } } },
    'the model is cut': { options: { replies: [{ tokens: [reply], error: new Error('cut') }] } },
    'somebody interrupts': { options: {}, end: (rig) => rig.conversation.interrupt('button') },
    'another text comes': { options: {}, end: (rig) => rig.conversation.text('再问', { initiator: 'user-text', isSpoken: true }) },
    'the conversation ends': { options: {}, end: (rig) => rig.conversation.close('over') },
  };

  test.each(Object.entries(endings))('when %s', async (_when, { options, end }) => {
    const rig = await asked({ ...options, replies: options.replies ?? [{ tokens: [reply] }, { tokens: ['好的。'] }] });
    await rig.advanceMs(1500);
    expect(rig.peer.told).toContain('bot-started-speaking');
    end?.(rig);
    await rig.advanceMs(60_000);
    rig.peer.assertSound();
    const count = (kind: string) => rig.peer.told.filter((told) => told === kind).length;
    expect(count('bot-stopped-speaking')).toBe(count('bot-started-speaking'));
    expect(['listening', 'idle']).toContain(rig.conversation.state);
  });
});
