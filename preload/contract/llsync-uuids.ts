/**
 * LLSync's GATT service for Wi-Fi setup (docs/wifi-setup.md). A board advertises the 16-bit form of the service, and has it under
 * the vendor's own base. No zod here: the page needs them too.
 */
export const llsyncUuids = {
  advertised: 0xfff0,
  service: '0000fff0-65d0-4e20-b56a-e493541ba4e2',
  /** The board's "device information": what is written to it. */
  write: '0000ffe1-65d0-4e20-b56a-e493541ba4e2',
  /** The board's "event": what it notifies. */
  notify: '0000ffe3-65d0-4e20-b56a-e493541ba4e2',
} as const;
