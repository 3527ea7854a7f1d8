/** Numbers as people at a bench read them. Digits are fixed per size so that columns do not jump. */

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MB`;
}

export function hexText(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A latency in milliseconds: whole below 10 s. */
export function millisecondsText(us: number): string {
  const ms = us / 1000;
  return Math.abs(ms) < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A stretch of time: `840 ms`, `3.2 s`, `2:05`, `1:02:05`. */
export function durationText(us: number): string {
  const seconds = us / 1_000_000;
  if (seconds < 1) return `${Math.round(us / 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** An instant of a session, to the millisecond: `01:05.250`, `1:02:05.250`. */
export function instantText(us: number, decimals = 3): string {
  const isNegative = us < 0;
  const tick = 10 ** (6 - decimals);
  const ticks = Math.round(Math.abs(us) / tick);
  const perSecond = 1_000_000 / tick;
  const seconds = Math.floor(ticks / perSecond);
  const fraction = decimals === 0 ? '' : `.${String(ticks % perSecond).padStart(decimals, '0')}`;
  const hours = Math.floor(seconds / 3600);
  const clock = `${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}${fraction}`;
  return `${isNegative ? '−' : ''}${hours > 0 ? `${hours}:` : ''}${clock}`;
}

/** A wall time as a label, in the reader's zone: `2026-03-02 09:30`, the same in both languages. */
export function wallText(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The reader's clock, to the millisecond: `09:30:05.120`. */
export function clockText(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
