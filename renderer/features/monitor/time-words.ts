/** What a jump to a time may start from. All in microseconds of session time, but for the wall time of its zero. */
export interface TimeContext {
  startedWallMs: number;
  /** Where the reader is. */
  hereUs: number;
  /** The newest row. */
  endUs: number;
}

const unitsUs: Record<string, number> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, min: 60_000_000, h: 3_600_000_000 };

/** `90`, `1:30`, `1:02:03.5`, `2m10s`, `500ms` in microseconds; a bare number is seconds. Null when it is none of these. */
export function durationUs(text: string): number | null {
  const words = text.trim().toLowerCase();
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(words);
  if (clock !== null) return Math.round((Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1_000_000);
  if (/^\d+(\.\d+)?$/.test(words)) return Math.round(Number(words) * 1_000_000);
  const parts = [...words.matchAll(/(\d+(?:\.\d+)?)\s*(us|ms|min|s|m|h)\s*/gy)];
  if (parts.length === 0 || parts.reduce((length, part) => length + part[0].length, 0) !== words.length) return null;
  return Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (unitsUs[unit ?? ''] ?? 0), 0));
}

/**
 * An instant as people say it: `14:03:05.250` or `2026-03-02 14:03` (the wall clock), `@90`, `@1:30` (from the start), `+2s`, `-500ms`
 * (from here), `-10s$` (before the end). Null when it cannot be read. A time of day is the one nearest the log's own day.
 */
export function instantUs(text: string, context: TimeContext): number | null {
  const words = text.trim();
  if (words.startsWith('@')) return durationUs(words.slice(1));
  const [, sign, length, end] = /^([+\-−])(.*?)(\$?)$/.exec(words) ?? [];
  if (sign !== undefined) {
    const us = durationUs(length ?? '');
    return us === null ? null : (end === '$' ? context.endUs : context.hereUs) + (sign === '+' ? us : -us);
  }
  const dated = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?$/i.exec(words);
  if (dated !== null) {
    const [year, month, day, hour = 0, minute = 0] = dated.slice(1, 6).map((part) => (part === undefined ? undefined : Number(part)));
    return sessionUs(wallMs(year ?? 0, (month ?? 1) - 1, day ?? 1, hour, minute, Number(dated[6] ?? 0)), context);
  }
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(words);
  if (clock === null) return null;
  const [hour, minute] = [Number(clock[1]), Number(clock[2])];
  if (hour > 23 || minute > 59) return null;
  const started = new Date(context.startedWallMs);
  const sameDay = sessionUs(
    wallMs(started.getFullYear(), started.getMonth(), started.getDate(), hour, minute, Number(clock[3] ?? 0)),
    context,
  );
  const dayUs = 86_400_000_000;
  // A log that ran past midnight: the next days' instants are as good, and the one nearest to here is meant.
  const days = Math.max(0, Math.round((context.hereUs - sameDay) / dayUs));
  const nearest = sameDay + days * dayUs;
  return nearest < 0 && nearest + dayUs <= context.endUs ? nearest + dayUs : nearest;
}

function wallMs(year: number, month: number, day: number, hour: number, minute: number, seconds: number): number {
  return new Date(year, month, day, hour, minute).getTime() + seconds * 1000;
}

function sessionUs(wall: number, { startedWallMs }: TimeContext): number {
  return Math.round((wall - startedWallMs) * 1000);
}
