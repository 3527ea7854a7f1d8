import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { parseResetSequence, type ResetStep, runReset } from '../../devices/reset.ts';
import type { FlashRun } from '../tool.ts';
import type { BootLink } from './link.ts';

/** The bootloader's own rate after a reset. */
export const START_RATE = 115_200;

/** What takes the board through a reset; at its end it listens for a few milliseconds. */
const pulses: readonly ResetStep[] = [
  { dtr: true, rts: true, waitMs: 50 },
  { dtr: false, rts: false, waitMs: 20 },
  { dtr: true, rts: false, waitMs: 50 },
  { dtr: false, rts: true, waitMs: 50 },
  { dtr: false, rts: false },
];

const PULSES = 30;
/** Boards whose control lines end at the bridge answer none of them, and a person has time for the key during the others. */
const PULSES_ALONE = 10;
const CHECKS = 200;
const CHECK_MS = 2;
const PAUSE_MS = 20;
const LINES_OFF_MS = 50;
/** How long a person has to press a key. */
const BY_HAND_ROUNDS = 75;

/**
 * Resets the board into its bootloader, at its own rate. With no control lines, with lines that reset nothing, or `before: 'no-reset'`,
 * a person has to. `attempts`: pulses and no more, of a board that they have reset before. Fails with `flash/sync-timeout`.
 */
export async function enterBootloader(run: FlashRun, link: BootLink, before: FlashOptions['before'], attempts?: number): Promise<void> {
  const { port, clock, signal, trace } = run;
  await port.setBaudRate(START_RATE);
  const steps = before === 'no-reset' ? null : stepsOf(before);
  const hasLines = steps !== null && (await runReset(port, [{ dtr: false, rts: false, waitMs: LINES_OFF_MS }], clock, { signal }));
  const pulsed = hasLines ? (attempts ?? PULSES) : 0;
  const rounds = pulsed + (hasLines && attempts !== undefined ? 0 : BY_HAND_ROUNDS);
  for (let round = 1; round <= rounds; round++) {
    if (hasLines && round <= pulsed) {
      trace.sent(`DTR/RTS pulses, LINK_CHECK (${round})`);
      await runReset(port, steps, clock, { signal });
    } else if (round === pulsed + 1) trace.sent('LINK_CHECK until a person resets it');
    if (round === (hasLines ? PULSES_ALONE + 1 : 1)) run.note('press-boot', { how: 'RESET' });
    if (await link.linkCheck(CHECKS, CHECK_MS)) {
      trace.received('ok');
      return;
    }
    await link.sleep(PAUSE_MS);
  }
  trace.received('nothing');
  throw new TalkError(
    'flash/sync-timeout',
    { address: port.address, attempts: rounds, seen: link.seen, how: 'RESET' },
    { retryable: true },
  );
}

/** Resets it without a word, so that it starts its application. False: the port has no such lines. */
export async function pulseReset(run: FlashRun, before: FlashOptions['before'], signal: AbortSignal): Promise<boolean> {
  if (before === 'no-reset') return false;
  return runReset(run.port, stepsOf(before), run.clock, { signal });
}

function stepsOf(before: FlashOptions['before']): readonly ResetStep[] {
  return before === 'default-reset' || before === 'usb-reset' ? pulses : parseResetSequence(before);
}
