import type { LogRow, LogTextStyle } from '../../../preload/contract/logs.ts';

/** One row as a line of text, without its end. `startedWallMs`: wall time of `atUs` 0. Sent rows are marked '>', notices '#'. */
export function rowText(row: LogRow, style: LogTextStyle, startedWallMs: number): string {
  const parts: string[] = [];
  if (style.hostTime === 'wall') parts.push(wallTime(startedWallMs + row.atUs / 1000));
  if (style.hostTime === 'elapsed') parts.push((row.atUs / 1e6).toFixed(6).padStart(12));
  if (style.deviceTime) parts.push(`[${row.deviceTime ?? (row.deviceMs === undefined ? '-' : row.deviceMs)}]`);
  if (style.port) parts.push(row.port);
  if (row.direction !== 'received') parts.push(row.direction === 'sent' ? '>' : '#');
  parts.push(style.messageOnly ? row.message : row.text);
  return parts.join(' ');
}

/** Local time of the host: 2026-01-31 09:30:00.123 */
export function wallTime(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
