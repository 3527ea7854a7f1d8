import type { AtBringUp, AtExchange } from '../../../../preload/contract/at.ts';
import type { CheckEvidence } from '../../../../preload/contract/checks.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { FlashFamily, FlashJob } from '../../../../preload/contract/flash.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { AtConsoles } from '../../at/console.ts';
import type { Ports } from '../../devices/ports.ts';
import type { FlashJobs } from '../../flash/jobs.ts';
import { BoardLog } from '../../logs/device-state/board.ts';
import type { LogBook } from '../../logs/log-book.ts';
import type { BoardPort, Waiting } from '../bench.ts';
import { PortPresence } from './port-presence.ts';
import { Timeline } from './timeline.ts';

const KEPT_ROWS = 100_000;
/** Kept of a long watch, however much is printed after: that it started, crashed, lost its supply, or left its port. */
const lasting =
  /^(?:boot\.(?:rom|reset|app-started)|brownout|watchdog|panic|panic\.assert|lua\.error|heap-corrupt|port\.\w+|twetalk\.(?:banner|sdk))$/;
const SHOWN_LINES = 20;

export interface SerialDeps {
  clock: Clock;
  ports: Pick<Ports, 'handlers' | 'streams'>;
  book: Pick<LogBook, 'listen'>;
  at: Pick<AtConsoles, 'calls'>;
  flash: Pick<FlashJobs, 'begin' | 'cancel'>;
}

/** A port for as long as a run lasts, and what its log has told since. */
export class Serial {
  readonly address: string;
  readonly presence: PortPresence;
  readonly #deps: SerialDeps;
  readonly #rows: Timeline<LogRow>;
  #log: BoardLog;
  readonly #isOwn: boolean;
  readonly #stop: () => void;

  private constructor(address: string, isOwn: boolean, deps: SerialDeps, onRow: (row: LogRow) => void) {
    this.address = address;
    this.#deps = deps;
    this.#isOwn = isOwn;
    this.#rows = new Timeline(deps.clock, KEPT_ROWS, ({ event }) => event !== undefined && lasting.test(event));
    this.#log = new BoardLog(address);
    this.presence = new PortPresence(address, deps);
    this.#stop = deps.book.listen({
      onRows: (rows, { startedUs }) => {
        for (const row of rows) {
          if (row.port !== address) continue;
          // Of the clock, not of the session.
          const own: LogRow = { ...row, atUs: (row.atUs + startedUs) as MonoUs };
          // Who waits for a row finds that what it tells of the board is known.
          onRow(own);
          this.#log.add(own);
          this.#rows.add(own);
        }
      },
    });
  }

  /** Opens the port unless it is open already; then it is somebody's and stays so. Hears each row, in the clock's time. Rejects with the port's errors. */
  static async open(address: string, deps: SerialDeps, call: AbortSignal, onRow: (row: LogRow) => void = () => {}): Promise<Serial> {
    const before = deps.ports.streams['ports.state']({}).topic.snapshot();
    const isOpen = before.some((port) => port.address === address && port.state === 'open');
    const serial = new Serial(address, !isOpen, deps, onRow);
    try {
      if (!isOpen) await deps.ports.handlers['ports.open']({ address, options: {} }, { signal: call, role: 'operator' });
    } catch (error) {
      serial.#deafen();
      throw error;
    }
    return serial;
  }

  state(): DeviceState | null {
    return this.#rows.last() === undefined ? null : this.#log.state();
  }

  /** For one check: what waits ends with its signal. */
  port(signal: AbortSignal, board: Pick<BoardPort, 'family' | 'isVirtual'>): BoardPort {
    const { address } = this;
    const { ports, at } = this.#deps;
    const context = { signal, role: 'operator' } as const;
    return {
      address,
      ...board,
      state: () => this.state(),
      rows: (sinceUs) => this.#rows.since(sinceUs),
      until: (accept, waiting: Waiting) => this.#rows.until(accept, waiting, signal),
      evidence: (rows) => rowsEvidence(address, rows),
      async reset() {
        try {
          await ports.handlers['ports.reset']({ address, into: 'run' }, context);
          return true;
        } catch (error) {
          if (isTalkError(error, 'port/unsupported')) return false;
          throw error;
        }
      },
      info: () => this.#info(board.family, signal),
      bringUp: (): Promise<AtBringUp> => at.calls['at.bringUp']({ address, pingHost: 'www.baidu.com', waitMs: 30_000 }, context),
      at: (command, timeoutMs): Promise<AtExchange> =>
        at.calls['at.send']({ address, command, ...(timeoutMs !== undefined && { timeoutMs: Math.max(100, timeoutMs) }) }, context),
      async write(data) {
        await ports.handlers['ports.write']({ address, data: Uint8Array.from(data) }, context);
      },
    };
  }

  /** What was told between these (µs of the clock) is another board's. */
  forget(fromUs: number, untilUs: number): void {
    this.#rows.forget(fromUs, untilUs);
    this.#log = new BoardLog(this.address);
    for (const row of this.#rows.since(0)) this.#log.add(row);
  }

  #deafen(): void {
    this.#stop();
    this.presence.close();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#deafen();
    if (!this.#isOwn) return;
    const context = { signal: new AbortController().signal, role: 'operator' } as const;
    await this.#deps.ports.handlers['ports.close']({ address: this.address }, context).catch(() => {});
  }

  async #info(family: BoardPort['family'], signal: AbortSignal): Promise<FlashJob> {
    const { flash } = this.#deps;
    const asked: FlashFamily = family === 'other' || family === 'known-other' ? 'esp' : family;
    const { job, ended } = flash.begin(this.address, { kind: 'task', task: { kind: 'info', family: asked, options: {} } });
    const cancel = () => flash.cancel(job.jobId);
    signal.addEventListener('abort', cancel, { once: true });
    const over = await ended;
    signal.removeEventListener('abort', cancel);
    signal.throwIfAborted();
    if (over.error !== null && over.error !== undefined) throw TalkError.from(over.error);
    return over;
  }
}

/** Whole lines: they are cut where secrets have been blacked out. */
export function rowsEvidence(port: string, rows: readonly LogRow[]): CheckEvidence {
  const seqs = rows.map(({ seq }) => seq);
  const lines = rows.slice(0, SHOWN_LINES).map(({ text }) => text);
  const [first = 0] = seqs;
  return {
    kind: 'rows',
    port,
    fromSeq: seqs.reduce((least, seq) => Math.min(least, seq), first),
    toSeq: seqs.reduce((most, seq) => Math.max(most, seq), first),
    lines,
  };
}
