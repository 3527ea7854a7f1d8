import type { ChipIdentity } from '../../../../preload/contract/flash.ts';
import type { Fuse, ReadRegister, SecurityFuses } from './chips.ts';

export type Security = NonNullable<ChipIdentity['security']>;

/** Answers of GET_SECURITY_INFO: the ESP32-S2's ends before the chip's id. */
export const SECURITY_INFO_BYTES = 20;
export const SHORT_SECURITY_INFO_BYTES = 12;
const CHIP_ID_AT = 12;

const SECURE_BOOT = 1 << 0;
const SECURE_DOWNLOAD = 1 << 2;
const SOFT_DISABLED_JTAG = 1 << 6;
const HARD_DISABLED_JTAG = 1 << 7;

export interface SecurityInfo {
  security: Security;
  /** Null from the ESP32-S2. */
  imageChipId: number | null;
}

/** u32 flags, u8 count of flash encryption, u8 key purposes[7], u32 chip id, u32 version. */
export function parseSecurityInfo(data: Uint8Array): SecurityInfo {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const flags = view.getUint32(0, true);
  const security = {
    secureBoot: (flags & SECURE_BOOT) !== 0,
    flashEncryption: isOdd(data[4] ?? 0),
    secureDownload: (flags & SECURE_DOWNLOAD) !== 0,
    jtagDisabled: (flags & (SOFT_DISABLED_JTAG | HARD_DISABLED_JTAG)) !== 0,
    flags,
  };
  return { security, imageChipId: data.length >= SECURITY_INFO_BYTES ? view.getUint32(CHIP_ID_AT, true) : null };
}

/** The same by a chip's eFuses, where its ROM does not tell. */
export async function readSecurityFuses(fuses: SecurityFuses, read: ReadRegister): Promise<Security> {
  const field = async ([address, shift, bits]: Fuse) => ((await read(address)) >>> shift) & (2 ** bits - 1);
  const any = async (list: readonly Fuse[]) => {
    for (const fuse of list) if ((await field(fuse)) !== 0) return true;
    return false;
  };
  return {
    secureBoot: await any(fuses.secureBoot),
    flashEncryption: isOdd(await field(fuses.cryptCount)),
    secureDownload: fuses.secureDownload !== undefined && (await field(fuses.secureDownload)) !== 0,
    jtagDisabled: await any(fuses.jtagDisabled),
    flags: 0,
  };
}

/** Each switch of flash encryption burns one more bit. */
function isOdd(count: number): boolean {
  let isOn = false;
  for (let rest = count; rest > 0; rest >>>= 1) isOn = (rest & 1) === 1 ? !isOn : isOn;
  return isOn;
}
