import { expect, test } from 'vitest';
import { stubPayload } from '../../../../../../main/core/flash/esp/write.ts';

test('an image for many boards is deflated once, and held once', async () => {
  const image = new Uint8Array(100_000);
  const [one, other] = await Promise.all([stubPayload(image, true), stubPayload(image, true)]);
  expect(one).toBe(other);
  expect(one).toMatchObject({ isDeflated: true, ends: [100_000] });
  expect(await stubPayload(image, false)).toMatchObject({ isDeflated: false });
});
