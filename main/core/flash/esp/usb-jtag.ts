import type { FlashRun } from '../tool.ts';

/** Espressif's, and its chips' built-in USB Serial/JTAG. */
const VENDOR_ID = '303a';
const PRODUCT_ID = '1001';

/** Whether the port is the chip's own USB Serial/JTAG, which wants a reset of its own. Not told: false. */
export async function isUsbJtagPort({ portInfo }: FlashRun): Promise<boolean> {
  const info = await portInfo?.();
  return info?.vendorId?.toLowerCase() === VENDOR_ID && info.productId?.toLowerCase() === PRODUCT_ID;
}
