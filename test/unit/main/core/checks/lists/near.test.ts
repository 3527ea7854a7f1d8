import { expect, test } from 'vitest';
import { nearNames } from '../../../../../../main/core/checks/lists/near.ts';

const ids = ['twetalk-suitability', 'quick', 'esp32-full', 'cat1-full', 'factory-line', 'soak'];

test.each([
  ['quik', ['quick']],
  ['Quick', ['quick']],
  ['esp32', ['esp32-full']],
  ['full', ['cat1-full', 'esp32-full']],
  ['factroy-line', ['factory-line']],
  ['nothing-like-it', []],
  ['', []],
])('a name that was mistyped has its likely ones: %s', (wanted, expected) => expect(nearNames(wanted, ids)).toEqual(expected));
