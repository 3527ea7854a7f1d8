import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLlsyncBoard, type LlsyncConnection } from '../../../../../pipeline/boards/wifi-setup/llsync-board.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function connected(): { clock: VirtualClock; bound: string[]; heard: string[]; central: LlsyncConnection; write(text: string): string[] } {
  const clock = new VirtualClock();
  const bound: string[] = [];
  const heard: string[] = [];
  const board = createLlsyncBoard({
    clock,
    device: { productId: 'P', deviceName: 'dev_01' },
    network: { ssid: 'Lab', password: '12345678' },
    bind: async (token) => {
      bound.push(token);
      return 0;
    },
  });
  const central = board.connect(
    (data) => heard.push(Buffer.from(data).toString('hex')),
    () => heard.push('gone'),
  );
  if (central === null) throw new Error('refused');
  return {
    clock,
    bound,
    heard,
    central,
    write: (text) => {
      central.write(hex(text));
      return heard.splice(0);
    },
  };
}

describe('a board with Bluetooth in setup mode', () => {
  it('goes through the setup', async () => {
    const { clock, bound, heard, write } = connected();
    expect(write('e0')).toEqual(['08000a028080066465765f3031']);
    expect(write('09ffff')).toEqual(['0c00020014']);
    expect(write('e101')).toEqual(['e0000100']);
    expect(write('e2000d 03 4c6162 08 3132333435363738')).toEqual(['e1000100']);
    expect(write('e3')).toEqual([]);
    await clock.advance(1_200_000);
    expect(heard.splice(0)).toEqual(['e2000701000003' + '4c6162']);
    write('e40003616263');
    await clock.settle();
    expect([heard, bound]).toEqual([['e3000100'], ['abc']]);
  });

  it('notifies nothing before it was asked who it is', () => expect(connected().write('e101')).toEqual([]));

  it('takes a network only as a station, and only when the lengths are right', () => {
    const { write } = connected();
    write('e0');
    expect(write('e20005034c616200')).toEqual(['e1000101']);
    write('e101');
    expect(write('e20005094c616200')).toEqual(['e1000101']);
    // The length of the write is wrong, not one of those in it.
    expect(write('e20004034c616200')).toEqual([]);
    expect(write('e20005034c616200')).toEqual(['e1000100']);
  });

  it('drops pieces that do not follow each other, without a word', () => {
    const { write } = connected();
    write('e0');
    write('e101');
    expect(write('e2c003010203')).toEqual([]);
    write('e24005034c616208');
    expect(write('e4c003010203')).toEqual([]);
    expect(write('e2c008 3132333435363738')).toEqual([]);
    // And the same in order.
    write('e24005034c616208');
    expect(write('e2c008 3132333435363738')).toEqual(['e1000100']);
  });

  it('forgets the pieces it has when another message comes between them, as the SDK does', () => {
    const { write } = connected();
    write('e0');
    write('e101');
    write('e24005034c616208');
    write('e0');
    expect(write('e2c008 3132333435363738')).toEqual([]);
  });

  it('has no room for a longer name, password or token than the SDK', () => {
    const { write, bound } = connected();
    write('e0');
    write('e101');
    const pieces = (type: number, value: Uint8Array): string[] => {
      const parts = Array.from({ length: Math.ceil(value.length / 17) }, (_, index) => value.subarray(index * 17, (index + 1) * 17));
      return parts.flatMap((part, index) => {
        const which = index === 0 ? 1 : index === parts.length - 1 ? 3 : 2;
        return write(Buffer.from([type, which << 6, part.length, ...part]).toString('hex'));
      });
    };
    const network = (ssidBytes: number, passwordBytes: number) =>
      pieces(
        0xe2,
        Uint8Array.of(ssidBytes, ...new Uint8Array(ssidBytes).fill(97), passwordBytes, ...new Uint8Array(passwordBytes).fill(98)),
      );
    expect([network(33, 8), network(32, 65), network(32, 64)]).toEqual([['e1000101'], ['e1000101'], ['e1000100']]);
    expect([pieces(0xe4, new Uint8Array(33).fill(99)), bound]).toEqual([['e3000101'], []]);
  });

  it('does not say that it joined without a network', () => {
    const { write } = connected();
    write('e0');
    expect(write('e3')).toEqual(['e2000401010000']);
  });

  it('refuses a write that does not fit, a second central, and one after the end', () => {
    const { central } = connected();
    expect(() => central.write(new Uint8Array(21))).toThrow('does not fit');
    central.disconnect();
    expect(() => central.write(hex('e0'))).toThrow('not connected');
  });

  it('survives whatever is written to it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 40 }), (writes) => {
        const { central, heard } = connected();
        for (const data of writes) central.write(data);
        for (const notification of heard) expect(notification.length / 2).toBeLessThanOrEqual(20);
      }),
    );
  });
});
