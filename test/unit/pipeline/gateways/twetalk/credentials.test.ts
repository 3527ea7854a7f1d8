import { describe, expect, test } from 'vitest';
import { buildCredentials, isPasswordRight, parseUsername, passwordFor } from '../../../../../pipeline/gateways/twetalk/credentials.ts';

const device = { productId: 'ABCDEFGHIJ', deviceName: 'dev01', secret: 'AAECAwQFBgcICQoLDA0ODw==' };
const vector = {
  clientId: 'ABCDEFGHIJdev01',
  username: 'ABCDEFGHIJdev01;21010406;0iST3;2147483647',
  password: '27100e891185ee2bda90c0bd69b7752cfe0a0c6d;hmacsha1',
};

describe('device credentials', () => {
  test('are those of the published vector', () => {
    expect(buildCredentials(device, { connectionId: '0iST3' })).toEqual(vector);
  });

  test('are right under the secret, in either case and method', () => {
    expect(isPasswordRight(vector.username, vector.password, device.secret)).toBe(true);
    expect(isPasswordRight(vector.username, vector.password.toUpperCase(), device.secret)).toBe(true);
    expect(isPasswordRight(vector.username, passwordFor(vector.username, device.secret, 'hmacsha256'), device.secret)).toBe(true);
  });

  test('are wrong with another secret, another username, a cut digest or no method', () => {
    expect(isPasswordRight(vector.username, vector.password, 'AAAAAAAAAAAAAAAAAAAAAA==')).toBe(false);
    expect(isPasswordRight(vector.username.replace('0iST3', '0iST4'), vector.password, device.secret)).toBe(false);
    expect(isPasswordRight(vector.username, vector.password.slice(1), device.secret)).toBe(false);
    expect(isPasswordRight(vector.username, vector.password.slice(0, 40), device.secret)).toBe(false);
    expect(isPasswordRight(vector.username, `${vector.password.slice(0, 40)};hmacsha256`, device.secret)).toBe(false);
    expect(isPasswordRight(vector.username, '', device.secret)).toBe(false);
  });

  test('carry a fresh connection id of five characters', () => {
    const first = parseUsername(buildCredentials(device).username);
    expect(first?.connectionId).toMatch(/^[A-Za-z0-9]{5}$/);
    expect(first?.clientId).toBe('ABCDEFGHIJdev01');
  });

  test('are malformed without four parts', () => {
    expect(parseUsername('ABCDEFGHIJdev01')).toBeNull();
    expect(parseUsername('a;b;c')).toBeNull();
    expect(parseUsername('a;b;c;d;e')).toBeNull();
    expect(parseUsername(';b;c;d')).toBeNull();
  });
});
