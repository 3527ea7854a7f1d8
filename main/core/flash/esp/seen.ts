export type Seen = 'nothing' | 'application' | 'download-mode' | 'noise';

/** What a person has to be told when nothing answered. The ROM's last banner says which way it went; text, that something runs. */
export function whatWasSeen(heard: Uint8Array): Seen {
  if (heard.length === 0) return 'nothing';
  const banner = lastBanner(heard);
  if (/waiting for download|\(DOWNLOAD/i.test(banner)) return 'download-mode';
  const points = Array.from(Buffer.from(heard).toString('utf8'), (character) => character.codePointAt(0) ?? 0);
  return points.filter(isText).length >= points.length * 0.8 ? 'application' : 'noise';
}

/** The straps as the ROM's last banner has them: '0x13'. Undefined when none was heard. */
export function bootModeOf(heard: Uint8Array): string | undefined {
  return /^boot:(0x[0-9a-f]+)/.exec(lastBanner(heard))?.[1];
}

function lastBanner(heard: Uint8Array): string {
  const latin = Buffer.from(heard).toString('latin1');
  return latin.slice(Math.max(0, latin.lastIndexOf('boot:0x')));
}

const NOT_UTF8 = 0xfffd;
const textControls: readonly number[] = [0x09, 0x0a, 0x0d, 0x1b];

/** Applications log in any language, so UTF-8 counts; what is no UTF-8, and what no log holds, does not. */
function isText(point: number): boolean {
  const isControl = point < 0x20 || (point >= 0x7f && point < 0xa0);
  return textControls.includes(point) || (!isControl && point !== NOT_UTF8);
}
