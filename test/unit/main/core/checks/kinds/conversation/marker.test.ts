import { expect, it } from 'vitest';
import { markerSound, markerTones } from '../../../../../../../main/core/checks/kinds/conversation/marker.ts';
import { speech } from './talking-board.ts';

it('is recognised as it is, quieter, and through noise', () => {
  const marker = markerSound(1);
  expect(markerTones(marker)).toBe(3);
  expect(markerTones(marker.map((sample) => sample / 10))).toBe(3);
  let seed = 1;
  const noise = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return (seed / 2_147_483_647 - 0.5) * 4000;
  };
  expect(markerTones(marker.map((sample) => sample + noise()))).toBe(3);
});

it('is not found in silence, in noise, or in another sound', () => {
  expect(markerTones(new Int16Array(16_000))).toBe(0);
  expect(markerTones(speech(1000))).toBe(0);
  let seed = 1;
  expect(
    markerTones(
      new Int16Array(32_000).map(() => {
        seed = (seed * 48_271) % 2_147_483_647;
        return (seed / 2_147_483_647 - 0.5) * 20_000;
      }),
    ),
  ).toBe(0);
});

it('lacks the tones that did not come through', () => {
  const marker = markerSound(1);
  expect(markerTones(marker.subarray(0, marker.length / 3))).toBe(1);
});
