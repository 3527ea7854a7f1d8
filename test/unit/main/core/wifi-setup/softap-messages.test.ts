import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialsMessage, parseSoftApMessage, splitCode } from '../../../../../main/core/wifi-setup/softap-messages.ts';

const parse = (text: string) => parseSoftApMessage(new TextEncoder().encode(text));

describe('SoftAP messages', () => {
  it('are sent as the document has them, whatever stands in name and password', () => {
    expect(credentialsMessage({ ssid: 'Home-WiFi', password: 'abcd1234', token: '6aa1' })).toBe(
      '{"cmdType":1,"ssid":"Home-WiFi","password":"abcd1234","token":"6aa1"}',
    );
    expect(JSON.parse(credentialsMessage({ ssid: '实验室', password: 'a"\\\n', token: 't' }))).toMatchObject({
      ssid: '实验室',
      password: 'a"\\\n',
    });
  });

  it.each([
    ['as in the document', '{"cmdType":2,"productId":"OSPB5ASRWT","deviceName":"dev_01","protoVersion":"2.0"}'],
    [
      'over several lines, as the SDK prints it',
      '{\n\t"cmdType":\t2,\n\t"productId":\t"OSPB5ASRWT",\n\t"deviceName":\t"dev_01",\n\t"protoVersion":\t"2.0"\n}\0',
    ],
    ['with the number as text', '{"cmdType":"2","productId":"OSPB5ASRWT","deviceName":"dev_01","protoVersion":"2.0"}\r\n'],
  ])('an acceptance %s', (_what, text) => {
    expect(parse(text)).toEqual({ kind: 'accepted', productId: 'OSPB5ASRWT', deviceName: 'dev_01', version: '2.0' });
  });

  it('a version 1 board acknowledges without a name', () => {
    expect(parse('{"cmdType":2,"deviceReply":"dataRecived"}')).toEqual({
      kind: 'accepted',
      productId: null,
      deviceName: null,
      version: null,
    });
  });

  it.each([
    ['{"cmdType":2,"deviceReply":"Current_Error","log":"ESP WIFI connect error! (10, 2)"}\r\n', false, '10, 2'],
    ['{"cmdType":2,"deviceReply":"Previous_Error","log":"MQTT connect error! (1, -103)"}\r\n', true, '1, -103'],
    ['{"cmdType":2,"deviceReply":"Current_Error"}', false, null],
  ])('an error, of now or of before: %s', (text, isOld, code) => {
    expect(parse(text)).toMatchObject({ kind: 'error', isOld, code });
  });

  it('an error of sixty thousand blanks is read at once, and cut', () => {
    const startedMs = performance.now();
    const message = parse(JSON.stringify({ cmdType: 2, deviceReply: 'Previous_Error', log: `${' '.repeat(60_000)}x (1, 2)` }));
    // It stopped everything for seconds.
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(message).toMatchObject({ kind: 'error', reason: '', code: null });
    expect(splitCode(`${' '.repeat(60_000)}x (1, -2)  `)).toMatchObject({ code: '1, -2' });
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it('the board’s log is lines, not JSON', () => {
    expect(parse('1200|_app_handle_recv_data(160): one\r\n1300|qiot_device_bind(403): two\r\n')).toEqual({
      kind: 'log',
      lines: ['1200|_app_handle_recv_data(160): one', '1300|qiot_device_bind(403): two'],
    });
  });

  it.each(['', '{', '[]', 'null', '{"cmdType":2}', '{"cmdType":1,"ssid":"x"}', 'hello'])('%j is no message, and no answer', (text) => {
    expect(parse(text).kind).toBe('unknown');
  });

  it('never throws, whatever a datagram holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (datagram) => {
          expect(['accepted', 'error', 'log', 'unknown']).toContain(parseSoftApMessage(datagram).kind);
        },
      ),
    );
  });
});
