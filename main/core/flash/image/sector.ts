/** Erasing takes whole sectors: what is written never shares one. */
export const SECTOR_BYTES = 0x1000;
