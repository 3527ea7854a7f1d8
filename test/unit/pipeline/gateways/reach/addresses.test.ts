import { expect, test } from 'vitest';
import { addressesOf } from '../../../../../pipeline/gateways/reach/summary.ts';

test('a listener within TLS is named with its scheme, xiaozhi’s MQTT as well', () => {
  const listener = (name: string, port: number) => ({ name, host: '127.0.0.1', port, state: 'listening' as const });
  const listeners = [listener('mqtt-tls', 1), listener('xiaozhi-mqtt', 2), listener('xiaozhi-mqtt-tls', 3), listener('tuya-tls', 4)];
  expect(addressesOf(listeners, '192.168.1.2').map(({ url }) => url)).toEqual([
    'mqtts://192.168.1.2:1',
    'mqtt://192.168.1.2:2',
    'mqtts://192.168.1.2:3',
    'tls://192.168.1.2:4',
  ]);
});
