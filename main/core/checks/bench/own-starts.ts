import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { isApplication } from '../kinds/power/boots.ts';
import { isLowStart } from './starts.ts';

/** Native USB leaves with the reset that the bench has just made: the ROM's, and once more for the application's own. */
const OWN_PARTINGS = 2;
const OWN_PARTING_US = 5_000_000;

/** Starts that the bench makes itself, and the port's partings that come of them. */
export class OwnStarts {
  readonly #clock: Clock;
  #untilUs = -1;
  #partedUs = -1;
  #partings = 0;
  #hasBegun = false;
  #hasStarted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The bench starts the board, or (`hasBegun`) has just done so: what comes of that is within this time. 0: that is over. */
  begin(withinMs: number, hasBegun = false): void {
    this.#partedUs = this.#clock.nowUs();
    this.#untilUs = this.#partedUs + withinMs * 1000;
    this.#partings = 0;
    this.#hasBegun = hasBegun;
    this.#hasStarted = false;
  }

  /** Of the port's next row. After the first line of its application another parting, or ROM's banner, is of another start. */
  isOwn(row: LogRow, isParting: boolean): boolean {
    if (row.atUs > this.#untilUs) return false;
    const hasStarted = this.#hasStarted;
    if (this.#hasBegun && isApplication(row)) this.#hasStarted = true;
    if (!isParting && !isLowStart(row)) return true;
    this.#hasBegun = true;
    return !hasStarted && (!isParting || row.event === 'port.lent' || this.#isOwnParting(row.atUs));
  }

  #isOwnParting(atUs: number): boolean {
    if (this.#partings++ >= OWN_PARTINGS || atUs > this.#partedUs + OWN_PARTING_US) return false;
    this.#partedUs = atUs;
    return true;
  }
}
