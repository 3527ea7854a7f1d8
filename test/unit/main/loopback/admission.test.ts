import { describe, expect, it } from 'vitest';
import { BadTokens, isLoopbackHost, isOwnOrigin, offeredToken, roleOf } from '../../../../main/loopback/admission.ts';

describe('isLoopbackHost', () => {
  it.each(['127.0.0.1', '127.0.0.1:8080', 'localhost:80', 'LOCALHOST:9', '[::1]:5173'])('takes %s', (host) =>
    expect(isLoopbackHost(host)).toBe(true),
  );
  it.each([
    undefined,
    '',
    'evil.com',
    '127.0.0.1.evil.com',
    'localhost.evil.com:80',
    '127.0.0.1@evil.com',
    'evil.com#127.0.0.1',
    '0.0.0.0:80',
    '2130706433',
    '127.1',
    '[::ffff:127.0.0.1]',
  ])('refuses %s', (host) => expect(isLoopbackHost(host)).toBe(false));
});

describe('isOwnOrigin', () => {
  it('takes the origin the page was served from, and programs that have none', () => {
    const host = '127.0.0.1:8080';
    const origins = [
      undefined,
      'http://127.0.0.1:8080',
      'https://127.0.0.1:8080',
      'http://127.0.0.1:81',
      'http://localhost:8080',
      'null',
      'http://evil.com',
    ];
    expect(origins.map((origin) => isOwnOrigin({ host, ...(origin === undefined ? {} : { origin }) }))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('tokens', () => {
  it('are found only beside our own sub-protocol', () => {
    expect(['talkbench.v1, token.abc', 'token.abc,talkbench.v1', 'token.abc', 'talkbench.v1', '', undefined].map(offeredToken)).toEqual([
      'abc',
      'abc',
      null,
      null,
      null,
      null,
    ]);
  });

  it('decide the role', () => {
    const tokens = { operator: 'op', viewer: 'vi' };
    expect([...['op', 'vi', 'o', '', null].map((token) => roleOf(token, tokens)), roleOf('', { operator: 'op', viewer: null })]).toEqual([
      'operator',
      'viewer',
      null,
      null,
      null,
      null,
    ]);
  });

  it('that are wrong are answered ten times a minute', () => {
    let nowMs = 0;
    const bad = new BadTokens({ nowMs: () => nowMs });
    expect(Array.from({ length: 12 }, () => bad.note())).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
    nowMs = 60_000;
    expect(bad.note()).toBe(true);
  });
});
