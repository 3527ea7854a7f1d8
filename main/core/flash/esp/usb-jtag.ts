import type { FlashRun } from '../tool.ts';

/** Espressif's, and its chips' built-in USB Serial/JTAG. */
const VENDOR_ID = '303a';
const PRODUCT_ID = '1001';
/** What systems call a USB device that is a serial port by itself; a bridge's names are others, where they are told apart. */
const possibleNames = /ttyACM|usbmodem|^COM\d/i;

/** Whether the port is the chip's own USB Serial/JTAG, which wants a reset of its own. Listing ports takes its time: not for those it cannot be. */
export async function isUsbJtagPort({ port, portInfo }: FlashRun): Promise<boolean> {
  if (!possibleNames.test(port.address)) return false;
  const info = await portInfo();
  return info?.vendorId?.toLowerCase() === VENDOR_ID && info.productId?.toLowerCase() === PRODUCT_ID;
}
