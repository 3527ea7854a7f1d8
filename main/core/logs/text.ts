import type { LogRow, LogTextStyle } from '../../../preload/contract/logs.ts';

/** What of a row its line of text is made of. */
export type TextRow = { atUs: number } & Pick<LogRow, 'port' | 'direction' | 'text' | 'message' | 'deviceTime' | 'deviceMs'>;

/** One row as a line of text, without its end. `startedWallMs`: wall time of `atUs` 0. Sent rows are marked '>', notices '#'. */
export function rowText(row: TextRow, style: LogTextStyle, startedWallMs: number): string {
  let line = '';
  if (style.hostTime === 'wall') line = `${wallTime(startedWallMs + row.atUs / 1000)} `;
  if (style.hostTime === 'elapsed') line = `${(row.atUs / 1e6).toFixed(6).padStart(12)} `;
  if (style.deviceTime) line += `[${row.deviceTime ?? (row.deviceMs === undefined ? '-' : row.deviceMs)}] `;
  if (style.port) line += `${row.port} `;
  if (row.direction !== 'received') line += row.direction === 'sent' ? '> ' : '# ';
  return line + (style.messageOnly ? row.message : row.text);
}

/** The second that was written last: rows come hundreds a second, and a calendar takes longer than all else of a line. */
let second = Number.NaN;
let secondText = '';

/** Local time of the host: 2026-01-31 09:30:00.123 */
export function wallTime(wallMs: number): string {
  const ms = Math.trunc(wallMs);
  const wanted = Math.floor(ms / 1000);
  if (wanted !== second) {
    second = wanted;
    secondText = localSecond(wanted * 1000);
  }
  return `${secondText}.${String(ms - wanted * 1000).padStart(3, '0')}`;
}

function localSecond(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}`;
}
