import { createDecipheriv } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { encryptRegistration, registrationSignature } from '../../../../../pipeline/gateways/twetalk/registration.ts';
import { testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const productSecret = 'abcdefghijklmnopqrstuvwx';

async function bench(options: { isOpen?: boolean; dynamicRegistration?: string } = {}) {
  const { isOpen = false, dynamicRegistration = 'registered' } = options;
  const started = await testGateway({ settings: { twetalk: { dynamicRegistration } } });
  closers.push(() => started.gateway.close());
  // The product, as the registry would have it.
  Object.assign(started.devices, {
    productSecret: (id: string) => (id === testDevice.productId ? { secret: productSecret, isOpen } : undefined),
  });
  return started;
}

async function register(port: number, body: object | string, change: Record<string, string> = {}, secret = productSecret) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = {
    ...{ host: `127.0.0.1:${port}`, algorithm: 'hmacsha1', timestamp: '1609430400', nonce: '12345' },
    body: Buffer.from(text),
  };
  const headers = {
    'x-tc-algorithm': signed.algorithm,
    'x-tc-timestamp': signed.timestamp,
    'x-tc-nonce': signed.nonce,
    'x-tc-signature': registrationSignature(signed, secret),
    ...change,
  };
  const response = await fetch(`http://127.0.0.1:${port}/device/register`, { method: 'POST', headers, body: text });
  return ((await response.json()) as { Response: { Payload?: string; Error?: { Code: string } } }).Response;
}

function decrypt(payload: string): string {
  const decipher = createDecipheriv('aes-128-cbc', productSecret.slice(0, 16), '0'.repeat(16));
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(Buffer.from(payload, 'base64')), decipher.final()]).toString('utf8');
}

// Made with `openssl dgst -sha1 -hmac` and `openssl enc -aes-128-cbc -nopad`.
test('signature and payload are openssl’s', () => {
  const body = Buffer.from('{"ProductId":"ABCDEFGHIJ","DeviceName":"dev01"}');
  const request = { host: 'ap-guangzhou.gateway.tencentdevices.com', algorithm: 'hmacsha1', timestamp: '1609430400', nonce: '12345', body };
  expect(registrationSignature(request, productSecret)).toBe('v9o6iHaSGXu6rdhsI/uUlIPwBi8=');
  expect(encryptRegistration('{"encryptionType":2,"psk":"AAECAwQFBgcICQoLDA0ODw=="}', productSecret, 'zero')).toBe(
    '9WgMFbqnxTdbBJAUlm4IP1lHMq83CBcVPpqzy6lg4yuJxHM+3uOjjAky+BE9wO0pxSeksfA4dBZpaOHFWkyIeA==',
  );
});

test('a registered device gets its own secret', async () => {
  const { gatewayPort } = await bench();
  const { Payload } = await register(gatewayPort, { ProductId: testDevice.productId, DeviceName: testDevice.deviceName });
  expect(decrypt(Payload ?? '').replace(/\0+$/, '')).toBe(`{"encryptionType":2,"psk":"${testDevice.secret}"}`);
});

test('one that nobody registered is made where the product or the settings say so, and refused otherwise', async () => {
  const device = { ProductId: testDevice.productId, DeviceName: 'new01' };
  const closed = await bench();
  expect((await register(closed.gatewayPort, device)).Error?.Code).toBe('ResourceNotFound.Device');
  expect(closed.observer.of('device.refused')).toMatchObject([{ deviceName: 'new01' }]);
  for (const open of [await bench({ isOpen: true }), await bench({ dynamicRegistration: 'create' })]) {
    const { Payload } = await register(open.gatewayPort, device);
    expect(decrypt(Payload ?? '')).toContain(open.devices.find(testDevice.productId, 'new01')?.secret);
  }
});

test('a forged signature, an unknown product and a switched-off service get nothing', async () => {
  const { gatewayPort, observer } = await bench();
  const device = { ProductId: testDevice.productId, DeviceName: testDevice.deviceName };
  expect((await register(gatewayPort, device, {}, 'another secret of it')).Error?.Code).toBe('AuthFailure.SignatureFailure');
  expect((await register(gatewayPort, device, { 'x-tc-nonce': '2' })).Error?.Code).toBe('AuthFailure.SignatureFailure');
  expect((await register(gatewayPort, { ...device, ProductId: 'OTHER' })).Error?.Code).toBe('ResourceNotFound.Product');
  expect((await register(gatewayPort, { ...device, DeviceName: '../x' })).Error?.Code).toBe('InvalidParameterValue');
  expect((await register(gatewayPort, 'not JSON')).Error?.Code).toBe('InvalidParameterValue');
  expect((await register(gatewayPort, 'x'.repeat(5000))).Error?.Code).toBe('InvalidParameter');
  expect(JSON.stringify(observer.events)).not.toContain(testDevice.secret);
  const off = await bench({ dynamicRegistration: 'off' });
  expect((await register(off.gatewayPort, device)).Error?.Code).toBe('UnsupportedOperation');
});
