import type { BoardUart } from '../../../pipeline/boards/uart.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortOptions } from '../../../preload/contract/ports.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';

/** `virtual://board`: a board in this process. `uart` is undefined when no such board runs. */
export async function openVirtual(address: string, uart: BoardUart | undefined, options: PortOptions, clock: Clock): Promise<BytePort> {
  if (uart === undefined) throw new TalkError('port/not-found', { address }, { retryable: true });
  if (uart.presence?.isPresent() === false) throw new TalkError('port/not-found', { address }, { retryable: true });
  const board = uart;
  let stopListening: (() => void) | null = null;
  const listeners = new PortListeners(() => {
    stopListening = board.onTransmit((data) => listeners.deliver(Uint8Array.from(data), clock.nowUs()));
  });
  board.setBaudRate(options.baudRate);
  board.setOpen(true);
  const stopWatching = board.presence?.onChange((isPresent) => {
    if (!isPresent) end(new TalkError('port/lost', { address, reason: 'unplugged' }, { retryable: true }));
  });

  function end(error: TalkError | null): void {
    if (listeners.isClosed) return;
    stopListening?.();
    stopWatching?.();
    board.setOpen(false);
    listeners.close(error);
  }

  function requireOpen(): void {
    if (listeners.isClosed) throw new TalkError('port/closed', { address });
  }

  return {
    address,
    async write(data) {
      requireOpen();
      board.receive(Uint8Array.from(data));
      await board.room?.();
    },
    async setSignals(lines) {
      requireOpen();
      board.setLines(lines);
      return true;
    },
    async setBaudRate(baudRate) {
      requireOpen();
      board.setBaudRate(baudRate);
    },
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    async close() {
      end(null);
    },
  };
}
