import type { LogPattern, LogRow } from '../../preload/contract/logs.ts';

/** What a log list shows of each row. */
export interface LogColumns {
  /** Of the host: the wall's · since the session's start · since the row above · not at all. */
  hostTime: 'wall' | 'elapsed' | 'delta' | 'none';
  deviceTime: boolean;
  /** The port's colour and name. */
  port: boolean;
  level: boolean;
  /** The tag, or the file where a line has no tag. */
  tag: boolean;
  /** What of a line: what its prefix leaves, or all as printed. */
  text: 'message' | 'line';
}

export const usualColumns: LogColumns = { hostTime: 'wall', deviceTime: true, port: false, level: true, tag: true, text: 'message' };

/** text: as decoded · hex: the bytes · mixed: the bytes, printable ones as text, the others as `\xNN`. */
export type LogBytesMode = 'text' | 'hex' | 'mixed';

export const highlightColours = ['yellow', 'red', 'green', 'blue', 'violet'] as const;
export type HighlightColour = (typeof highlightColours)[number];

export interface LogHighlight {
  pattern: LogPattern;
  colour: HighlightColour;
}

/** How a port is called and coloured in a merged log. `colour` is any CSS colour. */
export interface PortLook {
  name: string;
  colour: string;
}

export type PortLooks = (address: string) => PortLook;

/** Whether a row is shown pale: there, but not what is looked for. */
export type IsPale = (row: LogRow) => boolean;
