import { sleepUntil } from '../../../pipeline/clock.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BorrowedPort } from '../devices/channel.ts';
import type { BytePort } from '../devices/port.ts';
import type { Ports } from '../devices/ports.ts';

/** A module in download mode waits for minutes; a person looking at the screen notices half a second. */
const LOOK_INTERVAL_MS = 100;
/** Systems hang over their list of ports now and then: who waits, or is waited for, is not to hang with them. */
const LONGEST_LOOK_MS = 5000;

export interface LentPorts extends AsyncDisposable {
  readonly port: BytePort;
  keepPrivate(isPrivate: boolean): void;
  awaitPort(isIt: (port: PortInfo, all: readonly PortInfo[]) => boolean, timeoutMs: number): Promise<BytePort>;
}

/** Those that the system lists; none where it hangs. Fails with the signal's reason. */
export async function portsThere(deps: { ports: Pick<Ports, 'list'>; clock: Clock; signal: AbortSignal }): Promise<PortInfo[]> {
  const { ports, clock, signal } = deps;
  const isOver = new AbortController();
  const untilUs = (clock.nowUs() + LONGEST_LOOK_MS * 1000) as MonoUs;
  const tooLong = sleepUntil(clock, untilUs, AbortSignal.any([signal, isOver.signal])).then(() => []);
  try {
    return await Promise.race([ports.list(), tooLong]);
  } finally {
    tooLong.catch(() => {});
    isOver.abort();
  }
}

/** The ports one job has: the one it was started on, and those its board comes back under. All are given back at its end, the last one first. */
export async function lendPorts(deps: {
  ports: Pick<Ports, 'borrow' | 'list'>;
  clock: Clock;
  signal: AbortSignal;
  address: string;
  /** A port that was not given back says nothing about the board: the job's outcome stands. */
  onFault(error: unknown): void;
}): Promise<LentPorts> {
  const { ports, clock, signal, onFault } = deps;
  const loans: BorrowedPort[] = [];
  let isPrivate = false;

  async function borrow(address: string): Promise<BytePort> {
    // A board that comes back as another USB device may have the very path of the port that went.
    const gone = loans.findIndex((loan) => loan.port.address === address);
    if (gone >= 0) await loans.splice(gone, 1)[0]?.giveBack();
    const loan = await ports.borrow(address, 'flash');
    loans.push(loan);
    loan.keepPrivate(isPrivate);
    return loan.port;
  }

  const port = await borrow(deps.address);
  return {
    port,
    keepPrivate(next) {
      isPrivate = next;
      for (const loan of loans) loan.keepPrivate(next);
    },
    async awaitPort(isIt, timeoutMs) {
      const deadlineUs = clock.nowUs() + timeoutMs * 1000;
      for (;;) {
        signal.throwIfAborted();
        const all = await portsThere(deps);
        const found = all.find((info) => isIt(info, all));
        if (found !== undefined) return borrow(found.address);
        if (clock.nowUs() >= deadlineUs) throw new TalkError('timeout', { operation: 'a port to appear', timeoutMs });
        await sleepUntil(clock, (clock.nowUs() + LOOK_INTERVAL_MS * 1000) as MonoUs, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const loan of loans.reverse()) await loan.giveBack().catch(onFault);
    },
  };
}
