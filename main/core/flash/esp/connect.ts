import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { type ResetName, resetSequences, runReset } from '../../devices/reset.ts';
import { syncPayload } from './commands.ts';
import type { LoaderLink } from './link.ts';

const ATTEMPTS = 7;
const SYNCS_PER_ATTEMPT = 5;
const SYNC_TIMEOUT_MS = 100;
const BETWEEN_SYNCS_MS = 50;

export type Seen = 'nothing' | 'application' | 'download-mode' | 'noise';

export interface Connected {
  /** The stub of an earlier job still runs. */
  isStub: boolean;
  /** The sequence the board answered to; null when none was run, or the port has no lines to run it with. */
  reset: ResetName | null;
}

/**
 * Brings the chip into its loader and gets an answer from it: each attempt is a reset in another way, then five SYNCs. A port
 * without control lines is left to whoever holds BOOT.
 *
 * Fails with `flash/sync-timeout` {address, attempts, seen}.
 */
export async function connectLoader(link: LoaderLink, before: FlashOptions['before']): Promise<Connected> {
  const ways = resetsFor(before);
  link.forgetHeard();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const name = ways[attempt % Math.max(1, ways.length)];
    const isReset = name !== undefined && (await runReset(link.port, resetSequences[name], link.clock, link.signal));
    link.discard();
    for (let count = 0; count < SYNCS_PER_ATTEMPT; count++) {
      const answer = await synchronise(link);
      if (answer !== null) return { ...answer, reset: isReset ? name : null };
      await link.sleep(BETWEEN_SYNCS_MS);
    }
  }
  const data = { address: link.port.address, attempts: ATTEMPTS, seen: whatWasSeen(link.heard) };
  throw new TalkError('flash/sync-timeout', data, { retryable: true });
}

/** One SYNC. The ROM answers with a number, the stub with 0; both say it eight times. */
export async function synchronise(link: LoaderLink): Promise<{ isStub: boolean } | null> {
  try {
    const { value } = await link.command('sync', syncPayload, { timeoutMs: SYNC_TIMEOUT_MS });
    return { isStub: value === 0 };
  } catch (error) {
    if (isTalkError(error, 'flash/protocol')) return null;
    throw error;
  }
}

/** In the order tried. Those after the first are for an EN that rises slowly, a driver that moves one line at a time, native USB. */
function resetsFor(before: FlashOptions['before']): readonly ResetName[] {
  if (before === 'no-reset') return [];
  if (before === 'usb-reset') return ['usbJtag'];
  // Windows cannot move both lines in one call.
  if (process.platform === 'win32') return ['classic', 'classicLong', 'usbJtag'];
  return ['unixTight', 'unixTightLong', 'classic', 'classicLong', 'usbJtag'];
}

/** What a person has to be told when nothing answered. The ROM's last banner says which way it went; text, that something runs. */
export function whatWasSeen(heard: Uint8Array): Seen {
  if (heard.length === 0) return 'nothing';
  const latin = Buffer.from(heard).toString('latin1');
  const banner = latin.slice(Math.max(0, latin.lastIndexOf('boot:0x')));
  if (/waiting for download|\(DOWNLOAD/i.test(banner)) return 'download-mode';
  const points = Array.from(Buffer.from(heard).toString('utf8'), (character) => character.codePointAt(0) ?? 0);
  return points.filter(isText).length >= points.length * 0.8 ? 'application' : 'noise';
}

const NOT_UTF8 = 0xfffd;
const textControls: readonly number[] = [0x09, 0x0a, 0x0d, 0x1b];

/** Applications log in any language, so UTF-8 counts; what is no UTF-8, and what no log holds, does not. */
function isText(point: number): boolean {
  const isControl = point < 0x20 || (point >= 0x7f && point < 0xa0);
  return textControls.includes(point) || (!isControl && point !== NOT_UTF8);
}
