import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { type ResetStep, resetSequences, runReset } from '../../devices/reset.ts';
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
}

/**
 * Brings the chip into its loader and gets an answer from it: each attempt is a reset in another way, then five SYNCs. A port
 * without control lines is left to whoever holds BOOT.
 *
 * Fails with `flash/sync-timeout` {address, attempts, seen}.
 */
export async function connectLoader(link: LoaderLink, before: FlashOptions['before']): Promise<Connected> {
  const ways = resetsFor(before);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const steps = ways[attempt % Math.max(1, ways.length)];
    if (steps !== undefined) {
      link.forgetHeard();
      await runReset(link.port, steps, link.clock, link.signal);
    }
    link.discard();
    for (let count = 0; count < SYNCS_PER_ATTEMPT; count++) {
      const connected = await synchronise(link);
      if (connected !== null) return connected;
      await link.sleep(BETWEEN_SYNCS_MS);
    }
  }
  const data = { address: link.port.address, attempts: ATTEMPTS, seen: whatWasSeen(link.heard) };
  throw new TalkError('flash/sync-timeout', data, { retryable: true });
}

/** One SYNC. The ROM answers with a number, the stub with 0; both say it eight times. */
export async function synchronise(link: LoaderLink): Promise<Connected | null> {
  try {
    const { value } = await link.command('sync', syncPayload, { timeoutMs: SYNC_TIMEOUT_MS });
    return { isStub: value === 0 };
  } catch (error) {
    if (isTalkError(error, 'flash/protocol')) return null;
    throw error;
  }
}

function resetsFor(before: FlashOptions['before']): readonly (readonly ResetStep[])[] {
  const { classic, classicLong, unixTight, unixTightLong, usbJtag } = resetSequences;
  if (before === 'no-reset') return [];
  if (before === 'usb-reset') return [usbJtag];
  // Windows cannot move both lines in one call.
  return process.platform === 'win32' ? [classic, classicLong] : [unixTight, unixTightLong, classic, classicLong];
}

/** What a person has to be told when nothing answered. The ROM says itself that it waits; then it hears nothing of ours. */
export function whatWasSeen(heard: Uint8Array): Seen {
  if (heard.length === 0) return 'nothing';
  const text = Buffer.from(heard).toString('latin1');
  if (/waiting for download|boot:0x[0-9a-f]+ \(DOWNLOAD/i.test(text)) return 'download-mode';
  const printable = heard.reduce((count, byte) => count + (isText(byte) ? 1 : 0), 0);
  return printable >= heard.length * 0.8 ? 'application' : 'noise';
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1b;
}
