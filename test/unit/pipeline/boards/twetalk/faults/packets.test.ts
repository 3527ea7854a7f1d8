import { expect, test } from 'vitest';
import { createOpusDecoder } from '../../../../../../pipeline/audio/opus.ts';
import { random } from '../../../../../../pipeline/boards/random.ts';
import { traitsOf } from '../../../../../../pipeline/boards/twetalk/faults/all.ts';
import { corrupt, dropped, heldBack, missing } from '../../../../../../pipeline/boards/twetalk/faults/packets.ts';
import type { PacketStage } from '../../../../../../pipeline/boards/twetalk/traits.ts';
import { boardFaultName } from '../../../../../../preload/contract/board-faults.ts';

const packets = Array.from({ length: 2000 }, (_, index) => Uint8Array.of(index >> 8, index & 255));
const numbersOf = (sent: readonly Uint8Array[]) => sent.map(([high = 0, low = 0]) => high * 256 + low);
const through = (stage: PacketStage) => packets.map((packet) => stage(packet));

test('drops its share, the same packets each time', () => {
  const sent = through(dropped(0.03, random(7))).flat();
  expect((packets.length - sent.length) / packets.length).toBeCloseTo(0.03, 2);
  expect(sent).toEqual(through(dropped(0.03, random(7))).flat());
});

test('what is held back goes out together, whole and in order', () => {
  const sent = through(heldBack(7, 67));
  expect(numbersOf(sent.flat())).toEqual(Array.from({ length: 2000 }, (_, index) => index));
  expect(sent.slice(0, 9).map((each) => each.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 8, 1]);
});

test('what is missing is missing in one piece', () => {
  expect(numbersOf(through(missing(3, 10)).flat()).slice(0, 8)).toEqual([3, 4, 5, 6, 7, 8, 9, 13]);
});

test('a corrupt packet is as long as before, and no decoder takes it', () => {
  const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
  const [sent] = corrupt(1, random(1))(new Uint8Array(180));
  expect(sent).toHaveLength(180);
  expect(() => decoder.decode(sent ?? new Uint8Array())).toThrow();
  decoder.close();
});

test.each(boardFaultName.options)('%s makes another board of a healthy one, and only of that one', (name) => {
  const shape = (faults: Parameters<typeof traitsOf>[2]) => {
    const { hear, play, send, ...rest } = traitsOf('board', 60, faults);
    return { ...rest, hear: hear.length, play: play.length, send: send.length };
  };
  expect(shape([{ name }])).not.toEqual(shape([]));
  expect(shape([])).toEqual(shape([]));
});
