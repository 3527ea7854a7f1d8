import type { LogRow } from '../../../preload/contract/logs.ts';
import { withoutControls } from '../terminal-text.ts';

export interface RowTextStyle {
  hasColours: boolean;
  hostTime: 'none' | 'wall' | 'elapsed';
  /** What to call a port before its lines; absent where there is only one. */
  nameOf?: (port: string) => string;
  startedWallMs: number;
}

const levelColours = { error: 31, warn: 33, info: 32, debug: 0, verbose: 0 } as const;
const NOTICE_COLOUR = 36;
const SENT_COLOUR = 35;
/** Boards told apart by colour: cyan, magenta, blue, yellow, green, bright white. */
const nameColours = [36, 35, 34, 33, 32, 97];

/** A row as a terminal shows it. What a board may print to a terminal's harm (escapes, bells) is already out of a row's text. */
export function createRowText(style: RowTextStyle): (row: LogRow) => string {
  const names: string[] = [];
  const paint = (code: number, text: string) => (style.hasColours && code !== 0 ? `\u001b[${code}m${text}\u001b[0m` : text);
  return (row) => {
    const parts: string[] = [];
    if (style.hostTime !== 'none') parts.push(timeText(row, style));
    if (style.nameOf !== undefined) {
      const name = style.nameOf(row.port);
      if (!names.includes(name)) names.push(name);
      parts.push(paint(nameColours[names.indexOf(name) % nameColours.length] ?? 0, `${name} |`));
    }
    const text = withoutControls(row.text);
    if (row.direction === 'received') parts.push(paint(row.level === undefined ? 0 : levelColours[row.level], text));
    else parts.push(paint(row.direction === 'sent' ? SENT_COLOUR : NOTICE_COLOUR, `${row.direction === 'sent' ? '>>' : '--'} ${text}`));
    return parts.join(' ');
  };
}

function timeText(row: LogRow, { hostTime, startedWallMs }: RowTextStyle): string {
  if (hostTime === 'elapsed') return (row.atUs / 1e6).toFixed(3).padStart(10);
  const at = new Date(startedWallMs + row.atUs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
