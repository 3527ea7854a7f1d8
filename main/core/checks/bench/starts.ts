import type { LogRow } from '../../../../preload/contract/logs.ts';
import { fact, isApplication } from '../kinds/power/boots.ts';

/** What a start is told by, in order. One start has each of them once at most, and not all of them. */
const lowStarts: readonly (string | undefined)[] = ['boot.rom', 'boot.reset', 'boot.app-started'];

/** Starts as one port's rows tell them: of the lines that tell one the first alone. */
export class Starts {
  /** How far the start under way is; its application runs. */
  #stage = lowStarts.length;
  /** There are boards whose ROM and loader say nothing: with them the SDK's banner is all. */
  #hasLoader = false;

  /** Whether a start begins with this row, which is the next. */
  begins(row: LogRow): boolean {
    if (row.direction !== 'received') return false;
    const stage = lowStarts.indexOf(row.event);
    const before = this.#stage;
    if (isApplication(row)) this.#stage = lowStarts.length;
    if (stage === -1) return !this.#hasLoader && row.event === 'twetalk.banner' && /version/i.test(String(fact(row.payload, 'key')));
    this.#hasLoader = true;
    if (!isApplication(row) || stage === lowStarts.length - 1) this.#stage = stage;
    return stage <= before;
  }
}
