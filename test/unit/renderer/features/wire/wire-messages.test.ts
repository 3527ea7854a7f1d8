import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WireMessage } from '../../../../../preload/contract/cloud/wire-log.ts';
import { monoUs } from '../../../../../preload/contract/time.ts';
import { WireMessages } from '../../../../../renderer/features/wire/wire-messages.ts';
import { indexOf, previewText, rowsMoved } from '../../../../../renderer/features/wire/wire-rows.ts';
import type { Lab } from '../../../../../renderer/lib/lab.ts';

const most = 20_000;
let frames: (() => void)[] = [];

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', () => {});
});
afterEach(() => vi.unstubAllGlobals());

function nextFrame(): void {
  const due = frames;
  frames = [];
  for (const frame of due) frame();
}

function message(id: number): WireMessage {
  const at = { atUs: monoUs.parse(id), wallMs: id };
  return {
    ...{ id, ...at, gateway: 'twetalk', channel: 'mqtt', direction: 'up', name: 'topic' },
    ...{ sessionId: null, preview: '', sizeBytes: 0, isUnknown: false },
  };
}

const from = (first: number, last: number): WireMessage[] => Array.from({ length: last - first + 1 }, (_, index) => message(first + index));
const idsOf = (list: WireMessages): number[] => list.messages.map(({ id }) => id);

describe('the messages of the wire', () => {
  test('come once a frame, however many deltas there are', () => {
    const list = new WireMessages();
    list.start(from(1, 3));
    for (let id = 4; id < 100; id++) list.take([message(id)]);
    expect(frames).toHaveLength(1);
    nextFrame();
    expect(idsOf(list)).toEqual(from(1, 99).map(({ id }) => id));
  });

  test('what is told twice stands once', () => {
    const list = new WireMessages();
    list.start(from(1, 5));
    list.take(from(4, 7));
    nextFrame();
    expect(idsOf(list)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('while it is paused they are counted and kept back, and then all there', () => {
    const list = new WireMessages();
    list.start(from(1, 2));
    list.pause(true);
    list.take(from(3, 10));
    nextFrame();
    expect({ ids: idsOf(list), heldBack: list.heldBack }).toEqual({ ids: [1, 2], heldBack: 8 });
    list.pause(false);
    expect({ count: list.messages.length, heldBack: list.heldBack }).toEqual({ count: 10, heldBack: 0 });
  });

  test('a list of all that the core keeps leaves no gap, and says that there is more before it', () => {
    const list = new WireMessages();
    list.start(from(1, 3));
    list.pause(true);
    list.take(from(4, 5));
    list.take(from(6, most + 10));
    nextFrame();
    list.pause(false);
    expect([list.messages.length, list.messages[0]?.id, list.messages.at(-1)?.id, list.hasOlder]).toEqual([most, 11, most + 10, true]);
  });

  test('after messages that the core could not send in time the list begins anew, without a gap in it', () => {
    const list = new WireMessages();
    list.start(from(1, 3));
    list.skip();
    nextFrame();
    expect(idsOf(list)).toEqual([1, 2, 3]);
    list.take(from(900, 902));
    nextFrame();
    expect({ ids: idsOf(list), hasOlder: list.hasOlder }).toEqual({ ids: [900, 901, 902], hasOlder: true });
  });

  test('older ones are read before the first, and not into a list that is another one meanwhile', async () => {
    const list = new WireMessages();
    const asked: unknown[] = [];
    const lab = {
      call: async (_name: string, body: unknown) => {
        asked.push(body);
        return { messages: from(1, 9).toReversed(), oldestKept: 1 };
      },
    } as unknown as Lab;
    list.start(from(10, 12));
    await list.readOlder(lab, { gateways: ['trtc'] });
    expect({ asked, ids: idsOf(list), hasOlder: list.hasOlder }).toEqual({
      asked: [{ filter: { gateways: ['trtc'] }, limit: 500, before: 10 }],
      ids: from(1, 12).map(({ id }) => id),
      hasOlder: false,
    });
    list.start(from(500, 501));
    const reading = list.readOlder(lab, {});
    list.start(from(700, 701));
    await reading;
    expect(idsOf(list)).toEqual([700, 701]);
  });
});

describe('rows', () => {
  const lists = fc
    .uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 })
    .map((ids) => ids.sort((a, b) => a - b).map((id) => ({ id })));

  test('what is read stays in its place, whatever came in front of it or left', () => {
    fc.assert(
      fc.property(lists, fc.nat({ max: 59 }), fc.nat({ max: 59 }), (all, cut, other) => {
        const [before, now] = [all.slice(Math.min(cut, all.length - 1)), all.slice(Math.min(other, all.length - 1))];
        const kept = now.at(-1) as { id: number };
        expect(now.indexOf(kept) - before.indexOf(kept)).toBe(rowsMoved(before, now));
      }),
    );
  });

  test('a message is found by its id, and one that is not there by its place', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 0, max: 501 }), (list, id) => {
        expect(indexOf(list, id)).toBe(list.filter((each) => each.id < id).length);
      }),
    );
  });

  test('ids are left out of a preview, and nothing else', () => {
    expect(previewText('{"session_id":"33ca72a1-63ff-4b9c-8f98-4217c4c2ea45","type":"tts","state":"start"}')).toBe(
      '{"type":"tts","state":"start"}',
    );
    expect(previewText('{"type":"stt","text":"session 33ca72a1"}')).toBe('{"type":"stt","text":"session 33ca72a1"}');
  });
});
