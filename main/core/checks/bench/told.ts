import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import { signalsOf } from '../../logs/device-state/signals.ts';
import type { LogBook } from '../../logs/log-book.ts';

interface Fact {
  value: string | number;
  atUs: number;
  /** In a row. */
  times: number;
}

/** With each of these another board may come, or the same one be written anew. */
const ends: readonly string[] = ['port.closed', 'port.lost', 'port.lent'];

/**
 * What the log of each port has told of the board that is on it now, from before a run too: no more than since the port was opened, found
 * again or given back.
 */
export class Told {
  readonly #ports = new Map<string, Map<string, Fact>>();
  readonly #listeners = new Set<(port: string) => void>();
  readonly #stop: () => void;

  constructor(book: Pick<LogBook, 'listen'>) {
    this.#stop = book.listen({
      onRows: (rows, { startedUs }) => {
        for (const row of rows) this.#row(row, startedUs);
      },
    });
  }

  of(port: string, sinceUs = 0): DeviceState['facts'] {
    const facts = [...(this.#ports.get(port) ?? [])].filter(([, { atUs }]) => atUs >= sinceUs);
    return Object.fromEntries(facts.map(([name, { value }]) => [name, value]));
  }

  /** How often in a row its log told the newest value. */
  times(port: string, fact: string): number {
    return this.#ports.get(port)?.get(fact)?.times ?? 0;
  }

  /** When its log told that last, in µs of the clock; -1 where it has not. */
  at(port: string, fact: string): number {
    return this.#ports.get(port)?.get(fact)?.atUs ?? -1;
  }

  /** Hears of which port there is something new. Returns its removal. */
  listen(listener: (port: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop();
  }

  #row(row: LogRow, startedUs: number): void {
    if (row.direction === 'notice' && ends.includes(row.event ?? '')) this.#ports.delete(row.port);
    if (row.direction !== 'received') return;
    const told = signalsOf(row).flatMap((signal) => (signal.kind === 'facts' ? Object.entries(signal.facts) : []));
    if (told.length === 0) return;
    const facts = this.#ports.get(row.port) ?? new Map<string, Fact>();
    this.#ports.set(row.port, facts);
    for (const [name, value] of told) {
      const before = facts.get(name);
      facts.set(name, { value, atUs: row.atUs + startedUs, times: before?.value === value ? before.times + 1 : 1 });
    }
    for (const tell of [...this.#listeners]) tell(row.port);
  }
}
