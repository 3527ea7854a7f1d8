import { expect, test } from 'vitest';
import { FreePorts } from '../../../../../main/core/cloud/free-ports.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

const settings = (mqttPort: number) => settingsSchema.parse({ listeners: { mqttPort, gatewayPort: 0 } });
const listening = (name: string, port: number) => ({ name, host: '127.0.0.1', port, state: 'listening' as const });

test('a free port is taken again; one that was asked for is not kept when another is', () => {
  const ports = new FreePorts();
  ports.remember([listening('mqtt', 1883), listening('gateway', 40_001)], settings(1883));
  expect(ports.in(settings(0)).listeners).toMatchObject({ mqttPort: 0, gatewayPort: 40_001 });
  expect(ports.in(settings(1884)).listeners).toMatchObject({ mqttPort: 1884, gatewayPort: 40_001 });
});

test('a free port that somebody else has by now is given up', () => {
  const ports = new FreePorts();
  ports.remember([listening('gateway', 40_001)], settings(0));
  ports.remember([{ ...listening('gateway', 40_001), state: 'failed' }], settings(0));
  expect(ports.in(settings(0)).listeners.gatewayPort).toBe(0);
});
