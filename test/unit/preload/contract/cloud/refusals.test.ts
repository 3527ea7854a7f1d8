import { expect, test } from 'vitest';
import { readRefusalNote } from '../../../../../preload/contract/cloud/refusals.ts';

test.each([
  ['refused: bad-password (password-undecoded)', { reason: 'bad-password', hint: 'password-undecoded' }],
  ['refused: unknown-device', { reason: 'unknown-device' }],
  ['refused: bad-password (of another time)', null],
  ['refused: the room is full', null],
  ['SUBSCRIBE, refused', null],
  [undefined, null],
])('a note that tells of a refusal is known from others: %s', (note, expected) => {
  expect(readRefusalNote(note)).toEqual(expected);
});
