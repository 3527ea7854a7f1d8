import type { Duplex } from 'node:stream';

/** Where gateways say whose connection is whose, so that one board's link can be made bad without its address being another. */
export interface LinkDoor {
  /**
   * From now on that socket is known to be the device's; again for the same one changes nothing. False: nothing of the device gets through
   * just now, and the connection is to be ended without a word, as a network does that is not there.
   */
  admit(device: { productId: string; deviceName: string }, socket: Duplex): boolean;
  /** As `admit`, for datagrams: whether and when one of so many bytes gets through is said by calling `deliver` then, or never. */
  datagram(device: { productId: string; deviceName: string }, direction: 'up' | 'down', bytes: number, deliver: () => void): void;
}
