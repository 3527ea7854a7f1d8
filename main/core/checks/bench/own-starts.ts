import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { isApplication } from '../kinds/power/boots.ts';

/** Native USB leaves with the reset that the bench has just made: the ROM's, and once more for the application's own. */
const OWN_PARTINGS = 2;
/** After the bench's reset, or the one before. */
const OWN_PARTING_US = 5_000_000;

/** Starts that the bench makes itself, and the port's partings that come of them. */
export class OwnStarts {
  readonly #clock: Clock;
  #untilUs = -1;
  #partedUs = -1;
  #startedUs = -1;
  #partings = 0;
  #hasBegun = false;
  #hasStarted = false;
  /** To the bench's own flasher. */
  #isLent = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The bench starts the board, or (`hasBegun`) has just done so: what comes of that is within this time. 0: that is over. */
  begin(withinMs: number, hasBegun = false): void {
    this.#partedUs = this.#clock.nowUs();
    this.#untilUs = this.#partedUs + withinMs * 1000;
    this.#startedUs = -1;
    this.#isLent = false;
    this.#partings = 0;
    this.#hasBegun = hasBegun;
    this.#hasStarted = false;
  }

  /** Of the port's next row, and what begins with it. After the first line of its application nothing that begins is the bench's own. */
  isOwn(row: LogRow, begins: 'start' | 'port' | null): boolean {
    if (row.event === 'port.lent') this.#isLent = true;
    if (row.event === 'port.returned') this.#isLent = false;
    if (row.atUs > this.#untilUs) return false;
    // What resets it while it is lent is the bench's own job.
    if (this.#isLent && begins === 'port') return true;
    const hasStarted = this.#hasStarted;
    if (this.#hasBegun && isApplication(row)) this.#hasStarted = true;
    if (begins === null) return true;
    this.#hasBegun = true;
    if (hasStarted) return false;
    return begins === 'start' ? this.#isOwnStart(row.atUs) : this.#isOwnParting(row.atUs);
  }

  /** The first may take as long as it does; further ones, of a loader or of a module that tells it twice, come at once. */
  #isOwnStart(atUs: number): boolean {
    if (this.#startedUs !== -1 && atUs > this.#startedUs + OWN_PARTING_US) return false;
    this.#startedUs = atUs;
    return true;
  }

  #isOwnParting(atUs: number): boolean {
    if (this.#partings++ >= OWN_PARTINGS || atUs > this.#partedUs + OWN_PARTING_US) return false;
    this.#partedUs = atUs;
    return true;
  }
}
