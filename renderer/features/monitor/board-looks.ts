import type { PortInfo } from '../../../preload/contract/ports.ts';
import { storedState } from './stored.ts';

export const boardColours = ['green', 'blue', 'violet', 'yellow', 'red', 'cyan', 'pink', 'grey'] as const;
export type BoardColour = (typeof boardColours)[number];

interface BoardLook {
  name?: string;
  colour?: BoardColour;
}

/** Names and colours that people gave their boards, by `lookKey`. */
export const useBoardLooks = storedState<{ looks: Record<string, BoardLook> }>('talkbench.monitor.boards', { looks: {} });

/** What stays the same when a board comes back under another path: its USB serial number; else its address. */
export function lookKey(address: string, info?: Pick<PortInfo, 'serialNumber' | 'vendorId' | 'productId'>): string {
  return info?.serialNumber === undefined ? address : `usb:${info.vendorId ?? ''}:${info.productId ?? ''}:${info.serialNumber}`;
}

export function setBoardLook(key: string, change: BoardLook): void {
  useBoardLooks.setState(({ looks }) => {
    const look = { ...looks[key], ...change };
    if (look.name === '') delete look.name;
    return { looks: { ...looks, [key]: look } };
  });
}

/** A colour for a board nobody gave one: by its place among the open ports, so that two on the screen differ. */
export function usualColour(place: number): BoardColour {
  return boardColours[Math.max(0, place) % boardColours.length] ?? 'grey';
}

/** The end of an address: what tells ports apart in little room. */
export function shortAddress(address: string): string {
  return address.replace(/^virtual:\/\//, '').replace(/^\/dev\/(serial\/by-id\/)?/, '');
}

export interface BoardFace {
  name: string;
  colour: BoardColour;
}

/** Names and colours of ports: given ones, else the address's end and the colour of its place. */
export function facesOf(
  addresses: readonly string[],
  infos: ReadonlyMap<string, PortInfo>,
  looks: Readonly<Record<string, BoardLook>>,
): Map<string, BoardFace> {
  return new Map(
    addresses.map((address, place) => {
      const look = looks[lookKey(address, infos.get(address))];
      return [address, { name: look?.name ?? shortAddress(address), colour: look?.colour ?? usualColour(place) }];
    }),
  );
}

/** Mid tones that stand out from both themes' surfaces. */
export const colourText: Record<BoardColour, string> = {
  green: '#2fa87a',
  blue: '#4a8fe0',
  violet: '#9a6fe0',
  yellow: '#c99a2e',
  red: '#e0655c',
  cyan: '#2ea3b5',
  pink: '#d5689f',
  grey: '#8a949e',
};
