const full = /^(\d{4}|\d{2})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?(Z)?/;
const yearless = /^(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?/;
const epochMs = /^1\d{12}$/;

/**
 * A board's stamp as milliseconds since 1970, as if it were UTC unless it says so. A stamp without a year is of the year that brings it nearest
 * to `nowMs`. Null for what is no date: a time since boot, a time of day.
 */
export function wallTimeOf(text: string, nowMs: number): { wallMs: number; isUtc: boolean } | null {
  if (epochMs.test(text)) return { wallMs: Number(text), isUtc: true };
  const date = full.exec(text);
  if (date !== null) {
    const [, year = '', month, day, hour, minute, second, fraction, zulu] = date;
    const wholeYear = Number(year) + (year.length === 2 ? 2000 : 0);
    return { wallMs: utc([wholeYear, month, day, hour, minute, second, fraction]), isUtc: zulu !== undefined };
  }
  const [, month, day, hour, minute, second, fraction] = yearless.exec(text) ?? [];
  if (month === undefined) return null;
  const year = new Date(nowMs).getUTCFullYear();
  const candidates = [year - 1, year, year + 1].map((each) => utc([each, month, day, hour, minute, second, fraction]));
  const wallMs = candidates.reduce((best, each) => (Math.abs(each - nowMs) < Math.abs(best - nowMs) ? each : best));
  return { wallMs, isUtc: false };
}

function utc([year, month, day, hour, minute, second, fraction]: readonly (string | number | undefined)[]): number {
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return whole + Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
}
