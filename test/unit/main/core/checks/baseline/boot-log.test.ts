import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baselineOf, compareBoot } from '../../../../../../main/core/checks/baseline/boot-log.ts';
import { templateOf } from '../../../../../../main/core/checks/baseline/template.ts';
import { espBoot, rowsOf } from '../../../../../fakes/board-log.ts';

const texts = (text: string, names: string[] = []) => rowsOf(text).map((row) => templateOf(row, names));

test('two boots of one firmware on two boards are the same', () => {
  const one = `${espBoot}I (913) wifi:connected with bench-ap, aid = 2, channel 6, BW20, bssid = 02:00:00:00:00:01
I (1920) esp_netif_handlers: sta ip: 192.168.7.20, mask: 255.255.255.0, gw: 192.168.7.1
INF|4274|mqtt_client.c|IOT_MQTT_Construct(325): mqtt connect with id: kxTzB success
DBG|4280|mqtt_client_subscribe.c|qcloud_iot_mqtt_subscribe(350): subscribe topic_name=$twecall/down/service/PROD000001/board1|packet_id=59486
`;
  const other = one
    .replaceAll(/\((\d+)\)/g, (_, ms: string) => `(${Number(ms) + 17})`)
    .replace('02:00:00:00:00:01', '02:aa:00:00:10:ff')
    .replace('192.168.7.20', '10.0.0.9')
    .replace('channel 6', 'channel 11')
    .replace('kxTzB', 'q7Zmp')
    .replace('|4274|', '|4811|')
    .replace('board1', 'living room')
    .replace('bench-ap', 'other net');
  const baseline = baselineOf('1.4.2', rowsOf(one), ['PROD000001', 'board1']);
  expect(compareBoot(baseline, rowsOf(other), ['PROD000001', 'living room'])).toEqual({ added: [], missing: [], moved: 0 });
});

test('what is new, what is missing and what came too often are told; a retry more is not', () => {
  const good = rowsOf(`${espBoot}I (500) codec: ES8311 ready\nW (510) audio: retry\nI (520) app: start\n`);
  const baseline = baselineOf('1', good);
  const bad = rowsOf(`${espBoot}E (500) i2c: ack error on 0x18\n${'W (510) audio: retry\n'.repeat(5)}I (520) app: start\n`);
  const { added, missing, moved } = compareBoot(baseline, bad);
  expect(added.map(({ row, count, wasCount }) => [row.message, count, wasCount])).toEqual([
    ['ack error on 0x18', 1, 0],
    ['retry', 5, 1],
  ]);
  expect(missing).toEqual(['info codec: ES<n> ready']);
  expect(moved).toBe(0);
  const twice = rowsOf(`${espBoot}I (500) codec: ES8311 ready\n${'W (510) audio: retry\n'.repeat(2)}I (520) app: start\n`);
  expect(compareBoot(baseline, twice).added).toEqual([]);
});

test('a line of another severity is another line', () => {
  expect(texts('W (1) wifi: no beacon\n')).not.toEqual(texts('E (1) wifi: no beacon\n'));
});

test('what is said in another order is counted as moved, not as new', () => {
  const lines = ['I (1) a: one', 'I (2) b: two', 'I (3) c: three', 'I (4) d: four'];
  const baseline = baselineOf('1', rowsOf(`${lines.join('\n')}\n`));
  const [one, two, three, four] = lines;
  expect(compareBoot(baseline, rowsOf(`${[two, three, four, one].join('\n')}\n`))).toMatchObject({ added: [], missing: [], moved: 1 });
});

test('a baseline holds no name, address or token of its board', () => {
  const text = `INF|4906|mqtt_client_publish.c|qcloud_iot_mqtt_publish(264): publish qos=1|packet_id=1|topic_name=$thing/up/property/PROD000001/board1|payload={"token":"deadbeef01"}
I (1) app: token=abcXYZ mac 02:00:00:00:00:01 at 192.168.1.9\n`;
  const { lines } = baselineOf('1', rowsOf(text), ['PROD000001', 'board1']);
  expect(JSON.stringify(lines)).not.toMatch(/PROD000001|board1|deadbeef|abcXYZ|02:00|192\.168/);
});

test('numbers, addresses and dates never make a difference', () => {
  const line = (number: number, ip: number[], mac: string) =>
    `I (${number}) app: heap ${number} at 0x${number.toString(16)} from ${ip.join('.')} (${mac}) 2026-03-02 16:54:31.640\n`;
  const octet = fc.integer({ min: 0, max: 255 });
  const mac = fc
    .array(octet, { minLength: 6, maxLength: 6 })
    .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
  const values = fc.tuple(fc.nat(), fc.array(octet, { minLength: 4, maxLength: 4 }), mac);
  fc.assert(
    fc.property(values, values, (one, other) => {
      expect(texts(line(...one))).toEqual(texts(line(...other)));
    }),
  );
});

test('any text has a template of bounded length', () => {
  fc.assert(
    fc.property(fc.string(), (message) => {
      const row = { ...rowsOf('x\n')[0], message, text: message } as ReturnType<typeof rowsOf>[number];
      expect(templateOf(row).length).toBeLessThanOrEqual(500);
    }),
  );
});
