import { describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { LoaderLink } from '../../../../../../main/core/flash/esp/link.ts';
import { Trace } from '../../../../../../main/core/flash/trace.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const MS = 1000;

/** A machine that is held up once: the first timer set comes this much too late. */
class HeldUpClock extends VirtualClock {
  #lateUs: number;

  constructor(lateUs: number) {
    super();
    this.#lateUs = lateUs;
  }

  override at(atUs: MonoUs, callback: () => void): () => void {
    const lateUs = this.#lateUs;
    this.#lateUs = 0;
    return super.at((atUs + lateUs) as MonoUs, callback);
  }
}

function listening(clock: VirtualClock) {
  let hear: (data: Uint8Array) => void = () => {};
  const port: BytePort = {
    address: 'virtual://quiet',
    write: async () => {},
    setSignals: async () => true,
    setBaudRate: async () => {},
    onData: (listener) => {
      hear = (data) => listener(data, clock.nowUs());
    },
    onClose: () => {},
    close: async () => {},
  };
  const link = new LoaderLink({ port, clock, signal: new AbortController().signal, trace: new Trace(clock) });
  return { link, says: (text: string) => hear(Buffer.from(text)) };
}

describe('late timers are not a board’s silence', () => {
  test('what was said while the machine was held up is heard when it runs again', async () => {
    const clock = new HeldUpClock(500 * MS);
    const { link, says } = listening(clock);
    const heard = link.hears(4, 100);
    await clock.advance(540 * MS); // the time is long over, but of it only one slice was listened to
    says('ets ');
    expect(await heard).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a text as well', async () => {
    const clock = new HeldUpClock(500 * MS);
    const { link, says } = listening(clock);
    const heard = link.hearsThat((text) => /boot:0x[0-9a-f]+/.test(Buffer.from(text).toString()), 100);
    await clock.advance(540 * MS);
    says('rst:0x1,boot:0x8 (SPI)');
    expect(await heard).toBe(true);
  });

  test.each([
    ['a machine that keeps up', 0, 100],
    ['one that was held up, for the rest of the time', 500, 600],
  ])('silence still ends with %s', async (_, lateMs, endMs) => {
    const clock = new HeldUpClock(lateMs * MS);
    const { link } = listening(clock);
    let outcome: boolean | null = null;
    void link.hears(1, 100).then((heard) => {
      outcome = heard;
    });
    await clock.advance((endMs - 1) * MS);
    expect(outcome).toBeNull();
    await clock.advance(1 * MS);
    expect(outcome).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});
