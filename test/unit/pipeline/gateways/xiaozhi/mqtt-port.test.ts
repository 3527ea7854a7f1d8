import { expect, test } from 'vitest';
import { mqttPortFor } from '../../../../../pipeline/gateways/xiaozhi/http.ts';

test('a board that asks within TLS is told the port it speaks TLS to, and any other board the one in clear', () => {
  expect(mqttPortFor(true, { plain: 1884, secure: 8883 })).toBe(8883);
  expect(mqttPortFor(false, { plain: 1884, secure: 8883 })).toBe(1884);
  // To another port it would speak in clear, and be hung up on.
  expect(mqttPortFor(true, { plain: 1884, secure: 8884 })).toBe(1884);
  expect(mqttPortFor(true, { plain: null, secure: null })).toBe(null);
});
