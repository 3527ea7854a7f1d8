import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import type { ModuleLink } from './link.ts';

export type EntryName = NonNullable<NonNullable<FlashOptions['dialect']>['entries']>[number];

/** What is sent to a running module, each part after its pause. */
type Entry = readonly { afterMs: number; bytes: Uint8Array }[];

const text = (line: string) => Buffer.from(`${line}\r\n`, 'latin1');
/** Ends what somebody, or our own looking for a loader, left on the line. */
const endOfLine = { afterMs: 0, bytes: Buffer.from('\r', 'latin1') };
const END_OF_LINE_MS = 50;
/** One frame of the diagnostic protocol: into the loader with you. */
const intoLoader = Uint8Array.of(0x7e, 0x00, 0x02, 0x7e);
const diagnosticsOn = Uint8Array.of(0x7e, 0x00, 0x00, 0x7e);
/** The reset is put off for so long that the frame still gets through. */
const FRAME_AFTER_MS = 200;

/** No vendor has written these down; each was seen in some tool. */
export const entries: Readonly<Record<EntryName, Entry>> = {
  'ecrst-799': [endOfLine, { afterMs: END_OF_LINE_MS, bytes: text('AT+ECRST=delay,799') }, { afterMs: FRAME_AFTER_MS, bytes: intoLoader }],
  'ecrst-500': [endOfLine, { afterMs: END_OF_LINE_MS, bytes: text('AT+ECRST=delay,500') }, { afterMs: FRAME_AFTER_MS, bytes: intoLoader }],
  'ecrst-99': [endOfLine, { afterMs: END_OF_LINE_MS, bytes: text('AT+ECRST=delay,99') }],
  quectel: [endOfLine, { afterMs: END_OF_LINE_MS, bytes: text('AT+QDOWNLOAD=1') }],
  'frame-only': [
    { afterMs: 0, bytes: diagnosticsOn },
    { afterMs: FRAME_AFTER_MS, bytes: intoLoader },
  ],
};

export const usualEntries: readonly EntryName[] = ['ecrst-799', 'frame-only', 'quectel'];

/** On a port that stays open meanwhile, DTR and all: a module takes the one for the other otherwise. */
export async function sendEntry(link: ModuleLink, name: EntryName): Promise<void> {
  for (const { afterMs, bytes } of entries[name]) {
    if (afterMs > 0) await link.sleep(afterMs);
    await link.send(bytes);
  }
}
