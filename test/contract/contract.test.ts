import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes, isTalkError, TalkError, talkErrorSchema } from '../../preload/contract/errors.ts';
import { calls, streams } from '../../preload/contract/index.ts';
import { approximateBytes } from '../../preload/contract/size.ts';
import { clientFrame, serverFrame } from '../../preload/contract/wire.ts';

const contract = resolve(import.meta.dirname, '../../preload/contract');

/** Packages a bundler would follow from `entry`: value imports only, since types are stripped. */
function packagesOf(entry: string, seen = new Set<string>()): string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const imports = [...readFileSync(entry, 'utf8').matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from '([^']+)';/gm)].map(
    (match) => match[1] ?? '',
  );
  return imports.flatMap((from) => (from.startsWith('.') ? packagesOf(join(dirname(entry), from), seen) : [from]));
}

describe('the contract', () => {
  it.each([
    'client.ts',
    'reconnecting.ts',
    'page-policy.ts',
    'desktop-bridge.ts',
    'transports/message-port.ts',
    'transports/websocket.ts',
    'transports/memory.ts',
  ])('%s brings no zod into the page', (file) => expect(packagesOf(join(contract, file))).toEqual([]));

  it('would be caught bringing zod along', () => expect(packagesOf(join(contract, 'errors.ts'))).toEqual(['zod']));

  it('names every call and stream topic/verb and lets viewers only read', () => {
    const names = [...Object.keys(calls), ...Object.keys(streams)];
    expect(names.filter((name) => !/^[a-z]+\.[a-z][A-Za-z]*$/.test(name))).toEqual([]);
    const readings = Object.entries(calls).flatMap(([name, { role }]) => (role === 'viewer' ? [name] : []));
    expect(
      readings.filter((name) =>
        /(\.(open|close|write|start|stop|remove|put|set|update|import|cancel|say|speak|mark)|boards\.text)$/.test(name),
      ),
    ).toEqual([]);
  });

  it('carries every error code, and no other', () => {
    expect(new Set(errorCodes).size).toBe(errorCodes.length);
    for (const code of errorCodes) {
      expect(talkErrorSchema.parse(new TalkError(code).value)).toEqual({ code, data: {}, retryable: false });
    }
    expect(talkErrorSchema.safeParse({ code: 'made/up', data: {}, retryable: false }).success).toBe(false);
    const error = TalkError.from({ code: 'port/busy', data: { address: 'x' }, retryable: true });
    expect([
      isTalkError(error),
      isTalkError(error, 'port/busy'),
      isTalkError(error, 'port/lost'),
      isTalkError(new Error('port/busy')),
    ]).toEqual([true, true, false, false]);
  });

  it('takes the frames it describes and refuses malformed ones', () => {
    const good = [
      { t: 'hello', protocol: 1 },
      { t: 'call', id: 0, name: 'x', body: undefined },
      { t: 'subscribe', id: 1, name: 'x', body: {}, credit: 1, fromSeq: 0 },
    ];
    const bad = [
      null,
      1,
      {},
      { t: 'call', id: -1, name: 'x', body: 1 },
      { t: 'subscribe', id: 1, name: 'x', body: 1, credit: 0 },
      { t: 'credit', id: 1, items: 0.5 },
      { t: 'welcome' },
    ];
    expect(good.map((frame) => clientFrame.safeParse(frame).success)).toEqual([true, true, true]);
    expect(bad.map((frame) => clientFrame.safeParse(frame).success)).toEqual(bad.map(() => false));
    expect(serverFrame.safeParse({ t: 'deltas', id: 0, seq: 3, nextSeq: 5, items: [1, 2] }).success).toBe(true);
  });
});

describe('approximateBytes', () => {
  it('counts binary and text by length and everything else as a number', () => {
    expect([
      approximateBytes(new Uint8Array(100)),
      approximateBytes('abcd'),
      approximateBytes(null),
      approximateBytes({ ab: [1, 'xyz'] }),
    ]).toEqual([100, 4, 8, 8 + 2 + 8 + 8 + 3]);
  });

  it('ends on a value that contains itself', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = [cyclic, cyclic];
    expect(approximateBytes(cyclic, 10_000)).toBeGreaterThan(10_000);
  });
});
