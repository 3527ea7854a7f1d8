import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Devices, memoryDeviceStore } from '../../../../../main/core/devices/registry.ts';
import { type AdmissionRequest, createAdmission } from '../../../../../pipeline/gateways/twetalk/admission.ts';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { testDevice } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const clientId = 'ABCDEFGHIJdev01';

async function bench(settings: Record<string, Record<string, unknown>> = {}) {
  const clock = new VirtualClock();
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: (error) => expect.fail(String(error)) });
  await devices.put(testDevice.productId, testDevice.deviceName, testDevice.secret);
  const { admit } = createAdmission({ clock, devices, settings: () => settingsSchema.parse(settings) });
  const board = (more: Partial<AdmissionRequest> = {}) =>
    admit({ ...buildCredentials(testDevice), proof: null, address: '10.0.0.7', ...more });
  return { clock, devices, admit, board };
}

describe('who gets in', () => {
  test('the documents’ own username and password, hex in any case, either digest', async () => {
    const { board } = await bench();
    const username = 'ABCDEFGHIJdev01;21010406;0iST3;2147483647';
    const sha256 = createHmac('sha256', Buffer.from(testDevice.secret, 'base64')).update(username).digest('hex');
    for (const password of [
      '27100e891185ee2bda90c0bd69b7752cfe0a0c6d;hmacsha1',
      '27100E891185EE2BDA90C0BD69B7752CFE0A0C6D;HMACSHA1',
      `${sha256};hmacsha256`,
    ])
      expect(board({ username, password })).toMatchObject({ proof: 'password', isBoard: true, sdkAppId: '21010406' });
  });

  test('a refused one is told what would have been right, and never the secret', async () => {
    const { board } = await bench();
    const { username } = buildCredentials(testDevice);
    const undecoded = createHmac('sha1', testDevice.secret).update(username).digest('hex');
    const cases: [Partial<AdmissionRequest>, string, RegExp, string?][] = [
      [{ username: 'dev01' }, 'malformed-username', /expiry/, 'username-form'],
      [{ password: '' }, 'password-missing', /HMAC/],
      [{ password: 'secret' }, 'bad-password', /method after the semicolon is missing/, 'password-method'],
      [{ password: 'abc;hmacsha1' }, 'bad-password', /40 hex digits/, 'password-length'],
      [{ username, password: `${undecoded};hmacsha1` }, 'bad-password', /without decoding it from base64/, 'password-undecoded'],
      [{ password: `${'0'.repeat(40)};hmacsha1` }, 'bad-password', /another secret/],
      [{ username: 'ABCDEFGHIJwho;1;2;3' }, 'unknown-device', /registered/],
      [{ clientId: 'ABCDEFGHIJdev01', username: 'nonsense' }, 'malformed-username', /username/],
    ];
    for (const [request, reason, expected, hint] of cases) {
      const refused = board(request);
      expect(refused).toMatchObject({ reason, expected: expect.stringMatching(expected), ...(hint !== undefined && { hint }) });
      expect(JSON.stringify(refused)).not.toContain(testDevice.secret);
    }
  });

  test('one that nobody registered is let in by the settings under a name that a device may have, and while there are not too many', async () => {
    const { admit, devices } = await bench({ devices: { unknownDevices: 'accept' }, broker: { connectionsPerMinute: 10_000 } });
    const stranger = (name: string) => admit({ clientId: name, username: `${name};1;2;3`, password: '', proof: null, address: '' });
    expect(stranger('KLMNOPQRSTnew01')).toMatchObject({ proof: 'none', isBoard: true });
    // With an underscore in the product it could be mistaken for another device, and a slash would be a topic's.
    for (const name of ['PRODUCT_ABdev', 'ABCDEFGHIJa/b', 'ABCDEFGHIJ', `ABCDEFGHIJ${'d'.repeat(49)}`, 'ABCDEFGHIJ\u0000'])
      expect(stranger(name)).toMatchObject({ reason: 'unknown-device' });
    expect(stranger('A'.repeat(60_000))).toMatchObject({ device: { productId: 'A'.repeat(10), deviceName: 'A'.repeat(64) } });
    for (let index = 0; index < 999; index++) devices.adopt('KLMNOPQRST', `other${index}`);
    expect(stranger('KLMNOPQRSTnew02')).toMatchObject({ reason: 'too-many-unknown' });
    expect(stranger('KLMNOPQRSTnew01')).toMatchObject({ proof: 'none' });
  });

  test('one device’s credentials under the client id of another push nobody off', async () => {
    const { board, devices } = await bench();
    await devices.put('ABCDEFGHIJ', 'dev02');
    expect(board({ clientId: 'ABCDEFGHIJdev02' })).toMatchObject({ reason: 'client-id-of-another' });
    expect(board({ clientId: 'desk' })).toMatchObject({ isBoard: false });
  });

  test('a pre-shared key of one device does not open another’s username', async () => {
    const { board, devices } = await bench();
    await devices.put('ABCDEFGHIJ', 'dev02');
    const proof = { kind: 'psk', identity: 'ABCDEFGHIJdev02' } as const;
    expect(board({ proof })).toMatchObject({ reason: 'username-of-another' });
    expect(board({ proof, username: '', password: '', clientId: 'ABCDEFGHIJdev02' })).toMatchObject({ proof: 'psk', isBoard: true });
  });

  test('a product takes the method it is set to', async () => {
    const { board, devices } = await bench();
    const psk = { kind: 'psk', identity: clientId } as const;
    await devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'psk' });
    expect(board()).toMatchObject({ reason: 'wrong-method', expected: expect.stringContaining('pre-shared') });
    expect(board({ proof: psk })).toMatchObject({ proof: 'psk' });
    await devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'certificate' });
    expect(board({ proof: psk })).toMatchObject({ reason: 'wrong-method', expected: expect.stringContaining('certificate') });
    const certificate = { kind: 'certificate', commonName: clientId, fingerprint: 'AA' } as const;
    expect(board({ proof: certificate })).toMatchObject({ reason: 'wrong-certificate' });
    await devices.setCertificate('ABCDEFGHIJ', 'dev01', 'AA');
    expect(board({ proof: certificate })).toMatchObject({ proof: 'certificate' });
    // A device that was removed and made anew is not the one the certificate was for.
    await devices.remove('ABCDEFGHIJ', 'dev01');
    await devices.put('ABCDEFGHIJ', 'dev01');
    expect(board({ proof: certificate })).toMatchObject({ reason: 'wrong-certificate' });
  });

  test('an unknown device is let in where that is set, but not into a product that asks for more', async () => {
    const { board, devices } = await bench({ devices: { unknownDevices: 'accept' } });
    const stranger = { clientId: 'ABCDEFGHIJwho', username: 'ABCDEFGHIJwho;1;2;3', password: '' };
    await devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'psk' });
    expect(board(stranger)).toMatchObject({ reason: 'wrong-method' });
    await devices.products.put({ productId: 'ABCDEFGHIJ', authentication: 'key' });
    expect(board(stranger)).toMatchObject({ proof: 'none', isBoard: true });
  });

  test('an expiry that has passed is refused where that is set, and "never" never is', async () => {
    const { admit } = await bench({ broker: { isExpiryChecked: true } });
    const attempt = (expiry: number) => admit({ ...buildCredentials(testDevice, { expiry }), proof: null, address: '' });
    const nowS = Math.floor(new VirtualClock().wallMs() / 1000);
    expect(attempt(nowS - 1)).toMatchObject({ reason: 'expired' });
    expect(attempt(nowS + 60)).toMatchObject({ proof: 'password' });
    expect(attempt(2_147_483_647)).toMatchObject({ proof: 'password' });
  });

  test('a board that connects over and over waits for the next minute; one from elsewhere does not', async () => {
    const { board, clock } = await bench({ broker: { connectionsPerMinute: 3 } });
    for (let attempt = 0; attempt < 3; attempt++) expect(board()).toHaveProperty('proof');
    expect(board()).toMatchObject({ reason: 'too-many-connections', returnCode: 3 });
    // Who floods in its name from another address does not keep it out.
    expect(board({ address: '10.0.0.8' })).toHaveProperty('proof');
    await clock.advance(60_000_000);
    expect(board()).toHaveProperty('proof');
  });

  test('an address that makes up names is stopped, and its names are not remembered for ever', async () => {
    const { board } = await bench({ broker: { connectionsPerMinute: 2 } });
    const reasons = Array.from({ length: 30 }, (_, index) => {
      const verdict = board({ clientId: `x${index}`, username: `x${index};1;2;3` });
      return 'reason' in verdict ? verdict.reason : 'in';
    });
    expect(reasons.filter((reason) => reason === 'too-many-connections')).toHaveLength(10);
  });
});
