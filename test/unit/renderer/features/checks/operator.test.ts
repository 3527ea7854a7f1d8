import { describe, expect, test } from 'vitest';
import { shortName } from '../../../../../renderer/features/checks/history/short-name.ts';
import { keptQuestion, keyOfPlace, type Place, placesAfter } from '../../../../../renderer/features/checks/operator/places.ts';

describe('the places of a station', () => {
  const station = ['left', 'middle', 'right'];
  const over = () => false;
  const keysOf = (places: readonly Place[]) => places.map(({ key, runId }) => `${key} ${runId}`);

  test('stand in the station’s order, whichever board is begun first, and a board’s next run takes its place', () => {
    let places: Place[] = [];
    for (const [key, runId] of [
      ['right', '1'],
      ['left', '2'],
      ['middle', '3'],
      ['left', '4'],
    ] as const)
      places = placesAfter(places, { key, runId }, station, over);
    expect(keysOf(places)).toEqual(['left 4', 'middle 3', 'right 1']);
  });

  test('a port that is called otherwise for each board is one place, and what still runs on the former one is not lost', () => {
    const before = [{ key: 'usb-1', runId: '1' }];
    expect(keysOf(placesAfter(before, { key: 'usb-2', runId: '2' }, ['usb-2'], over))).toEqual(['usb-2 2']);
    expect(keysOf(placesAfter(before, { key: 'usb-2', runId: '2' }, ['usb-2'], () => true))).toEqual(['usb-1 1', 'usb-2 2']);
  });

  test('have a key each, and none loads the page again', () => {
    const keys = Array.from({ length: 9 }, (_, index) => keyOfPlace(index));
    expect(keys.slice(0, 4)).toEqual(['F2', 'F3', 'F4', 'F6']);
    expect(keys).not.toContain('F5');
    expect(keys.at(8)).toBeNull();
  });

  test('the keyboard stays with the question it was for until that is answered', () => {
    expect(keptQuestion(null, [])).toBeNull();
    expect(keptQuestion(null, ['right'])).toBe('right');
    expect(keptQuestion('right', ['left', 'right'])).toBe('right');
    expect(keptQuestion('right', ['left'])).toBe('left');
  });
});

test('a name under a bar is cut by how wide its letters are', () => {
  expect(shortName('Device', 8)).toBe('Device');
  expect(shortName('Is the screen lit and whole?', 8)).toBe('Is the…');
  expect(shortName('设备身份', 8)).toBe('设备身份');
  expect(shortName('屏幕显示是否正常？', 8)).toBe('屏幕显示…');
  expect(shortName('屏幕显示是否正常？', 1)).toBe('屏幕显示是否正常？');
});
