/** Instants that lines of a plain log begin with, ms. Each is one way of writing them; the number's zero is its own. */
const ways: readonly ((line: string) => number | null)[] = [
  // 2026-01-02 03:04:05.678, 2026-01-02T03:04:05,678Z, with or without brackets before
  (line) => {
    const found = /^[[(<\s]*(\d{4})[-/](\d\d)[-/](\d\d)[T\s_](\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?/u.exec(line);
    if (found === null) return null;
    const [, year, month, day, hours, minutes, seconds, fraction] = found.map(Number);
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes, seconds) + fractionMs(found[7], fraction);
  },
  // 01-02 03:04:05.678, as bridges of phones write it
  (line) => {
    const found = /^[[(<\s]*(\d\d)-(\d\d)\s(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?/u.exec(line);
    if (found === null) return null;
    const [, month, day, hours, minutes, seconds, fraction] = found.map(Number);
    return Date.UTC(2000, (month ?? 1) - 1, day, hours, minutes, seconds) + fractionMs(found[6], fraction);
  },
  // 03:04:05.678
  (line) => {
    const found = /^[[(<\s]*(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?/u.exec(line);
    if (found === null) return null;
    const [, hours, minutes, seconds, fraction] = found.map(Number);
    return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000 + fractionMs(found[4], fraction);
  },
  // I (1234) tag: …, of ESP-IDF, ms since the start
  (line) => numberOf(/^\s*(?:\p{Cc}\[[\d;]*m)?[EWIDV] \((\d+)\)/u.exec(line), 1),
  // [    1.234567], seconds since the start
  (line) => numberOf(/^\s*\[\s*(\d+\.\d{3,6})\]/u.exec(line), 1000),
];

/** Of the lines of a log, so many must begin with an instant for it to be timed by them. */
const LEAST_SHARE = 0.2;
/** Longer silences are not what a log of a board has: its clock was set, or it was switched off. */
const LONGEST_GAP_MS = 10 * 60_000;

/**
 * When each line came, ms from the first instant of the log: as its own begins say, the same as the line before where it has none. Null
 * where too few have one. An instant before the last one (a board that starts anew, a clock that is set) goes on from there.
 */
export function timesOf(lines: readonly string[]): number[] | null {
  const told = ways.map((way) => lines.map((line) => way(line)));
  const counts = told.map((times) => times.filter((time) => time !== null).length);
  const best = counts.indexOf(Math.max(...counts));
  const times = told[best];
  if (times === undefined || (counts[best] ?? 0) < Math.max(2, LEAST_SHARE * lines.length)) return null;
  let atMs = 0;
  let beforeMs: number | null = null;
  return times.map((time) => {
    if (time === null) return atMs;
    const stepMs: number = beforeMs === null ? 0 : time - beforeMs;
    if (stepMs > 0 && stepMs <= LONGEST_GAP_MS) atMs += stepMs;
    beforeMs = time;
    return atMs;
  });
}

function fractionMs(text: string | undefined, value: number | undefined): number {
  return text === undefined ? 0 : ((value ?? 0) / 10 ** text.length) * 1000;
}

function numberOf(found: RegExpExecArray | null, scale: number): number | null {
  return found === null ? null : Number(found[1]) * scale;
}
