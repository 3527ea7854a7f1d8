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

/** Told apart by eight colours, in the order given; a ninth port begins again. */
const portColours = ['#36a3ff', '#36c992', '#e0a63c', '#c08bff', '#ff7a70', '#3cc8d4', '#b7c23c', '#ff8fc7'] as const;

export function portLooksOf(addresses: readonly string[]): PortLooks {
  const looks = new Map(
    addresses.map((address, index): [string, PortLook] => [address, { name: shortAddress(address), colour: colourAt(index) }]),
  );
  return (address) => looks.get(address) ?? { name: shortAddress(address), colour: 'var(--text-quiet)' };
}

function colourAt(index: number): string {
  return portColours[index % portColours.length] ?? portColours[0];
}

/** What tells a port from others: `ttyUSB0` of `/dev/ttyUSB0`, `pts/3` of `/dev/pts/3`, `host:port` of an URL. */
export function shortAddress(address: string): string {
  const path = address.replace(/^\w+:\/\//, '').replace(/^\/dev\/(serial\/by-id\/)?/, '');
  return path.startsWith('/') ? path.slice(path.lastIndexOf('/') + 1) : path;
}
