import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import { signalsOf } from '../../logs/device-state/signals.ts';
import type { LogBook } from '../../logs/log-book.ts';
import { Starts } from './starts.ts';

export type Facts = DeviceState['facts'];

/** With each of these another board may come, or the same one be written anew. */
const ends: readonly (string | undefined)[] = ['port.closed', 'port.lost', 'port.lent'];

interface OnPort {
  starts: Starts;
  facts: Map<string, { value: string | number; atUs: number }>;
}

/**
 * What the log of each port has told of the board that is on it now, from before a run too: no more than since it started, and since the port was
 * opened, found again or given back.
 */
export class Told {
  readonly #ports = new Map<string, OnPort>();
  readonly #stop: () => void;

  constructor(book: Pick<LogBook, 'listen'>) {
    this.#stop = book.listen({
      onRows: (rows, { startedUs }) => {
        for (const row of rows) this.#row(row, startedUs);
      },
    });
  }

  of(port: string, sinceUs = 0): Facts {
    const facts = [...(this.#ports.get(port)?.facts ?? [])].filter(([, { atUs }]) => atUs >= sinceUs);
    return Object.fromEntries(facts.map(([name, { value }]) => [name, value]));
  }

  close(): void {
    this.#stop();
  }

  #row(row: LogRow, startedUs: number): void {
    const onPort = this.#ports.get(row.port) ?? { starts: new Starts(), facts: new Map() };
    this.#ports.set(row.port, onPort);
    if (onPort.starts.begins(row) || (row.direction === 'notice' && ends.includes(row.event))) onPort.facts.clear();
    for (const [name, value] of Object.entries(factsIn(row))) onPort.facts.set(name, { value, atUs: row.atUs + startedUs });
  }
}

/** What a row of a board's log tells of it. */
export function factsIn(row: LogRow): Facts {
  if (row.direction !== 'received') return {};
  return Object.assign({}, ...signalsOf(row).map((signal) => (signal.kind === 'facts' ? signal.facts : {}))) as Facts;
}
