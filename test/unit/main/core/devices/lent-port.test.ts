import { describe, expect, it } from 'vitest';
import { LentPort } from '../../../../../main/core/devices/lent-port.ts';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { PortListeners } from '../../../../../main/core/devices/port-listeners.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { PortLog } from '../../../../../main/core/logs/port-log.ts';
import { createFakeRecorder } from '../../../../fakes/recorder.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** A lent port, and the board's mouth behind it. */
function lend(options: { hasLines: boolean }) {
  const clock = new VirtualClock();
  const listeners = new PortListeners();
  const port: BytePort = {
    address: 'bench',
    write: async () => {},
    setSignals: async () => options.hasLines,
    setBaudRate: async () => {},
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: async () => {},
  };
  const recorder = createFakeRecorder(clock);
  const book = new LogBook({ clock, recorder });
  const notices: unknown[] = [];
  book.listen({ onRows: (rows) => notices.push(...rows.map(({ text }) => text)) });
  recorder.ensureSession();
  const lent = new LentPort(port, new PortLog('bench', { clock, recorder, book }), clock, () => {});
  const say = (text: string) => listeners.deliver(Buffer.from(text), clock.nowUs());
  const kept = () => lent.takeBack().map(({ data }) => Buffer.from(data).toString());
  const told = () => {
    book.flush();
    return notices;
  };
  return { lent, say, kept, recorder, told };
}

describe('a port that was lent', () => {
  it('keeps what the board said since its lines were moved', async () => {
    const { lent, say, kept } = lend({ hasLines: true });
    say('before');
    await lent.setSignals({ dtr: false, rts: false });
    say('ESP-ROM');
    say(':esp32s3');
    expect(kept()).toEqual(['ESP-ROM', ':esp32s3']);
  });

  it('has no lines to move, but a rate: what was said since that changed is kept', async () => {
    const { lent, say, kept } = lend({ hasLines: false });
    await lent.write(Buffer.from('reboot'));
    say('answer');
    expect(await lent.setSignals({ dtr: false, rts: false })).toBe(false);
    const changing = lent.setBaudRate(115200);
    say('ESP-ROM:esp32s3');
    await changing;
    say('boot:0x8');
    expect(kept()).toEqual(['ESP-ROM:esp32s3', 'boot:0x8']);
  });

  it('does not keep answers to what was written since', async () => {
    const { lent, say, kept } = lend({ hasLines: true });
    await lent.setSignals({ dtr: false, rts: false });
    await lent.setBaudRate(460800);
    say('banner');
    await lent.write(Buffer.from('request'));
    say('answer');
    expect(kept()).toEqual([]);
  });

  it('records no byte that goes over it while it is private, and says how many there were', async () => {
    const { lent, say, recorder, told } = lend({ hasLines: true });
    await lent.write(Buffer.from('open'));
    lent.keepPrivate(true);
    await lent.write(Buffer.from('secret'));
    say('ok secret');
    lent.keepPrivate(false);
    say('open again');
    expect(recorder.chunks).toEqual(['sent open', 'received open again']);
    expect(told()).toEqual(['port.private sentBytes=6 receivedBytes=9']);
  });

  it('is not private for its next borrower, and what it hid is in no boot log', async () => {
    const { lent, say, kept, told } = lend({ hasLines: true });
    await lent.setSignals({ dtr: false, rts: false });
    lent.keepPrivate(true);
    say('secret');
    expect(kept()).toEqual([]);
    expect(told()).toEqual(['port.private sentBytes=0 receivedBytes=6']);
  });
});
