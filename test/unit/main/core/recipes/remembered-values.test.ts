// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are named like that
import { expect, test } from 'vitest';
import { rememberedValuesOf, secretValuesOf } from '../../../../../main/core/recipes/without-secrets.ts';
import { provisioning } from '../../../../../preload/contract/provisioning.ts';

const entry = (key: string, value: string, type = 'string') => ({ namespace: 'app', key, type, value });
const remembered = (body: object) => [...rememberedValuesOf(provisioning.parse(body))];

test.each([
  'password',
  'WIFI_PWD',
  'wifiPass',
  'ap.passwd2',
  'sta.pswd',
  'psk_1',
  'client_secret',
  'accessToken',
  'api_key',
  'credentials',
  'private',
])('what stands under %s is remembered', (key) => {
  expect(remembered({ entries: [entry(key, 'correct-horse-battery')] })).toEqual(['correct-horse-battery']);
  expect(remembered({ variables: { [key]: 'correct-horse-battery' } })).toEqual(['correct-horse-battery']);
});

test.each([
  ['token_type', 'Bearer of news'],
  ['private_mode', 'enabled by default'],
  ['cert_mode', 'disabled'],
  ['psk_len', '100000000'],
  ['token_url', 'https://api.example.com/token'],
  ['password', 'enabled'],
  ['public_key', '0123456789abcdef0123'],
  ['compass', 'calibrated'],
])('what is a secret at most by a part of its name is not: %s=%s', (key, value) => {
  expect(remembered({ entries: [entry(key, value)] })).toEqual([]);
});

test('no name of the device is, wherever it stands; its secret is', () => {
  const entries = [entry('wifi_pwd', '${product_id}'), entry('ap_password', '${device_name}'), entry('mqtt_password', 'BOARD00001')];
  const body = { entries, variables: { product_id: 'PRODUCT123', device_name: 'BOARD00001' } };
  expect(secretValuesOf(provisioning.parse(body))).toContain('PRODUCT123');
  expect(remembered(body)).toEqual([]);
  const names = { productId: 'PRODUCT999', deviceName: 'BOARD99999' };
  const given = { kind: 'given', ...names, deviceSecret: 'c2VjcmV0' };
  expect(remembered({ device: given, entries: [entry('wifi_pwd', 'PRODUCT999'), entry('secret', 'BOARD99999')] })).toEqual(['c2VjcmV0']);
});

test('a private key is, whatever it is called', () => {
  const pem = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n';
  expect(remembered({ entries: [entry('tls', pem), entry('tls_cert', '-----BEGIN CERTIFICATE-----')] })).toEqual([pem]);
});

test.each(['pwd_5g', 'passwd_2g', 'password_sta', 'token_api', 'secret_dev', 'key_device', 'aes_keyA', 'psk_hex', 'secret_key_1234'])(
  'what stands under a name that was cut to fifteen characters, or goes on, is remembered: %s',
  (key) => {
    expect(secretValuesOf(provisioning.parse({ entries: [entry(key, 'abc1234')] })).has('abc1234')).toBe(true);
    expect(remembered({ entries: [entry(key, 'abc1234')] })).toEqual(['abc1234']);
  },
);

test('a part of a secret is remembered as well, as it was typed', () => {
  expect(remembered({ entries: [entry('wifi_pwd', '${home};WPA2')], variables: { home: 'my-home-wifi-pw' } })).toEqual([
    'my-home-wifi-pw;WPA2',
    'my-home-wifi-pw',
  ]);
});

test.each(['pub_wifi_pwd', 'public_psk', 'pubsub_token', 'bypass_pwd', 'compass_token', 'encompass_pwd', 'token_id'])(
  'what only begins like a name of nothing secret, or has one in it, is remembered: %s',
  (key) => {
    expect(remembered({ entries: [entry(key, 'Summer-2026!')] })).toEqual(['Summer-2026!']);
  },
);

test('a private key is remembered beside its certificate, and under any name', () => {
  const pem =
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMHcCAQEE\n-----END PRIVATE KEY-----\n';
  for (const key of ['tls_cert', 'cert_key', 'pub_priv']) expect(remembered({ entries: [entry(key, pem)] })).toEqual([pem]);
});

test('an address is remembered where it lets in', () => {
  const addresses = ['mqtts://u:hunter2222@host', 'https://host/hook?sig=0123456789'];
  for (const address of addresses) expect(remembered({ entries: [entry('mqtt_secret_uri', address)] })).toEqual([address]);
});
