import type { PacketStage } from '../traits.ts';

/** What can become of the packets between a board's encoder and its socket. */

export function dropped(share: number, next: () => number): PacketStage {
  return (packet) => (next() < share ? [] : [packet]);
}

/** Of every so many packets, the first ones are lost. */
export function missing(count: number, every: number): PacketStage {
  let at = 0;
  return (packet) => (at++ % every < count ? [] : [packet]);
}

/** Of every so many packets, the first ones wait and go out together. */
export function heldBack(count: number, every: number): PacketStage {
  let at = 0;
  let held: Uint8Array[] = [];
  return (packet) => {
    const isHeld = at++ % every < count;
    held.push(packet);
    if (isHeld) return [];
    const all = held;
    held = [];
    return all;
  };
}

/** A frame count of 63 is more than a packet can hold (RFC 6716 §3.2.5): no decoder takes it. */
export function corrupt(share: number, next: () => number): PacketStage {
  return (packet) => [next() < share ? new Uint8Array(packet.length).fill(0xff) : packet];
}
