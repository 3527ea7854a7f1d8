import { describe, expect, test } from 'vitest';
import { isSecretValue } from '../../../../../../main/core/flash/nvs/secret-names.ts';

const isHidden = (key: string, type: string, text: string) => isSecretValue({ namespace: 'app', key, type, text });

describe('a value that is kept back', () => {
  test.each([
    ['wifi_pin', 'u32', '1234'],
    ['wifi_pin', 'u16', '0x4d2'],
    ['pair_code', 'u64', '12345678'],
    ['pair_code', 'string', 'AB12-34'],
    ['aes_key', 'u64', '18446744073709551615'],
    ['password', 'u8', '7'],
    ['password', 'i32', ''],
    ['device_secret', 'string', 'x'],
    ['api_key', 'string', 'abcdefghijklmnop'],
    ['aes_key', 'blob', '00'],
    ['ca', 'string', '-----BEGIN RSA PRIVATE KEY-----'],
    // As a board's is read, and as people write one.
    ['tls', 'blob', Buffer.from('\u0000-----BEGIN RSA PRIVATE KEY-----\n').toString('hex')],
    ['tls', 'blob', Buffer.from('\u0000-----BEGIN EC PRIVATE KEY-----\n').toString('base64')],
  ])('%s:%s=%s', (...value) => expect(isHidden(...value)).toBe(true));
});

describe('a value that is shown', () => {
  test.each([
    ['led_pin', 'u8', '48'],
    ['led_pin', 'u8', '0x30'],
    ['country_code', 'string', 'CN'],
    ['codec', 'string', 'opus 48000'],
    ['auth_url', 'string', 'http://10.0.0.2:1884'],
    ['key_count', 'u8', '3'],
    ['product_key', 'string', 'a1B2c3D4e5F6g7H8'],
    ['port', 'u16', '8883'],
    ['calibration', 'blob', '00ff10'],
    ['tls', 'blob', Buffer.from('-----BEGIN PUBLIC KEY-----\n').toString('hex')],
  ])('%s:%s=%s', (...value) => expect(isHidden(...value)).toBe(false));
});
