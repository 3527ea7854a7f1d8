import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRequest, type LlsyncEvent, LlsyncReader } from '../../../../../main/core/wifi-setup/llsync.ts';

const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** What one notification is. */
function read(text: string): LlsyncEvent | null {
  return new LlsyncReader().read(bytes(text));
}

/** A message in pieces of `size`, as a board sends it. */
function pieces(type: number, value: Uint8Array, size: number): Uint8Array[] {
  const room = size - 3;
  const count = Math.max(1, Math.ceil(value.length / room));
  return Array.from({ length: count }, (_, index) => {
    const part = value.subarray(index * room, (index + 1) * room);
    const which = count === 1 ? 0 : index === 0 ? 1 : index === count - 1 ? 3 : 2;
    return Uint8Array.of(type, which << 6, part.length, ...part);
  });
}

describe('LLSync requests', () => {
  it.each([
    [{ kind: 'get-info' }, ['e0']],
    [{ kind: 'set-mode' }, ['e101']],
    [{ kind: 'connect' }, ['e3']],
    [{ kind: 'get-log' }, ['e5']],
    [{ kind: 'mtu-unchanged' }, ['09ffff']],
    [{ kind: 'set-network', ssid: 'Lab', password: '12345678' }, ['e2000d034c6162083132333435363738']],
    [{ kind: 'set-network', ssid: 'Lab', password: '' }, ['e20005034c616200']],
    [{ kind: 'set-token', token: 'abc' }, ['e40003616263']],
    // 32 characters: pieces of 17 and 15.
    [
      { kind: 'set-token', token: '0123456789abcdef0123456789abcdef' },
      ['e440113031323334353637383961626364656630', 'e4c00f313233343536373839616263646566'],
    ],
  ] as const)('%j', (request, frames) => expect(encodeRequest(request).map(hex)).toEqual(frames));

  it('fit the writes, and join to what was meant', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' }),
        fc.string({ maxLength: 64 }),
        fc.integer({ min: 8, max: 200 }),
        (ssid, password, size) => {
          const writes = encodeRequest({ kind: 'set-network', ssid, password }, size);
          expect(Math.max(...writes.map(({ length }) => length))).toBeLessThanOrEqual(size);
          const value = Buffer.concat(writes.map((write) => write.subarray(3)));
          const ssidBytes = value[0] ?? 0;
          expect(value.subarray(1, 1 + ssidBytes).toString()).toBe(ssid.toWellFormed());
          expect(value.subarray(2 + ssidBytes).toString()).toBe(password.toWellFormed());
          const flags = writes.map((write) => (write[1] ?? 0) >> 6);
          expect(flags).toEqual(writes.length === 1 ? [0] : [1, ...flags.slice(1, -1).map(() => 2), 3]);
        },
      ),
    );
  });
});

describe('LLSync events', () => {
  it.each([
    ['08 000a 02 8080 06 646576 5f30 31', { kind: 'info', version: 2, wantsMtu: true, mtu: 128, deviceName: 'dev_01' }],
    ['08 0004 02 0014 00', { kind: 'info', version: 2, wantsMtu: false, mtu: 20, deviceName: '' }],
    ['e0 0001 00', { kind: 'mode-result', code: 0 }],
    ['e1 0001 01', { kind: 'network-result', code: 1 }],
    ['e2 0007 01 00 00 03 4c6162', { kind: 'wifi', isConnected: true, state: 0, ssid: 'Lab' }],
    ['e2 0004 01 01 00 00', { kind: 'wifi', isConnected: false, state: 1, ssid: '' }],
    ['e3 0001 00', { kind: 'token-result', code: 0 }],
    ['0c 0002 0014', { kind: 'mtu', bytes: 20 }],
    ['e4 0004 01 6f6b21', { kind: 'log', text: 'ok!' }],
    ['e4 0003 6f6b21', { kind: 'log', text: 'ok!' }],
    ['02', { kind: 'unknown', type: 2 }],
    ['77 0001 00', { kind: 'unknown', type: 0x77 }],
    ['', { kind: 'malformed', why: 'empty' }],
    ['e0 00', { kind: 'malformed', why: 'length' }],
    ['e0 0005 00', { kind: 'malformed', why: 'length' }],
    ['e0 0000', { kind: 'malformed', why: 'value' }],
    ['e0 c001 00', { kind: 'malformed', why: 'piece' }],
    ['08 0005 02 8080 06 64', { kind: 'malformed', why: 'value' }],
  ])('%s', (text, event) => expect(read(text)).toEqual(event));

  it('are put together from pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 300 }).filter((text) => text.trim() === text && !text.includes('\0')),
        fc.integer({ min: 4, max: 60 }),
        (text, size) => {
          const reader = new LlsyncReader();
          const events = pieces(0xe4, Uint8Array.of(1, ...new TextEncoder().encode(text)), size).map((part) => reader.read(part));
          expect(events.at(-1)).toEqual({ kind: 'log', text: text.toWellFormed() });
          expect(events.slice(0, -1).every((event) => event === null)).toBe(true);
        },
      ),
    );
  });

  it('a message that was cut short does not spoil the next', () => {
    const reader = new LlsyncReader();
    const [first = new Uint8Array()] = pieces(0xe4, new Uint8Array(40), 20);
    expect(reader.read(first)).toBeNull();
    expect(reader.read(bytes('e0 0001 00'))).toEqual({ kind: 'mode-result', code: 0 });
    expect(reader.read(bytes('e4 c001 41'))).toEqual({ kind: 'malformed', why: 'piece' });
  });

  it('a board that never ends its message is stopped at the document’s limit', () => {
    const reader = new LlsyncReader();
    reader.read(Uint8Array.of(0xe4, 0x40, 17, ...new Uint8Array(17)));
    let event: LlsyncEvent | null = null;
    for (let count = 0; event === null && count < 200; count++) event = reader.read(Uint8Array.of(0xe4, 0x80, 17, ...new Uint8Array(17)));
    expect(event).toEqual({ kind: 'malformed', why: 'too-long' });
  });

  it('nothing a board notifies makes it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 30 }), (notifications) => {
        const reader = new LlsyncReader();
        for (const notification of notifications) reader.read(notification);
      }),
    );
  });
});
