import { expect, test } from 'vitest';
import { faceOf } from '../../../../../pipeline/gateways/xiaozhi/faces.ts';
import { emotions } from '../../../../../pipeline/turn/emotions.ts';

test('every emotion that a reply can have has its face', () => {
  for (const { name, emoji } of emotions) expect(faceOf(name)).toEqual({ emotion: name, text: emoji });
  expect(faceOf('constructor')).toEqual({ emotion: 'neutral', text: '😶' });
});
