import { createVirtualBoard } from '../../pipeline/boards/esp/board.ts';
import type { EspChipOptions } from '../../pipeline/boards/esp/chip.ts';
import { systemClock } from '../../pipeline/clock.ts';

/**
 * A process with virtual boards and nothing else, so that a board's work is not done in the time of the program that flashes
 * it. Its argument: the boards' options as JSON, an array. Answers {ptyPaths} once they have power; ends with its parent.
 */
const options = JSON.parse(process.argv[2] ?? '[]') as Omit<EspChipOptions, 'clock' | 'onBoot'>[];
const boards = await Promise.all(options.map((one) => createVirtualBoard({ ...one, clock: systemClock })));
process.send?.({ ptyPaths: boards.map(({ ptyPath }) => ptyPath) });
process.on('disconnect', () => process.exit());
