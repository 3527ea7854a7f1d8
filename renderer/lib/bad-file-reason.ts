import type { TFunction } from 'i18next';

/** Why a file cannot be flashed, as the core says it: those that a person at the bench meets. */
const known = {
  'image: truncated': 'truncated',
  truncated: 'truncated',
  'partition table: truncated': 'truncated',
  'image: bad checksum': 'checksum',
  'image: bad digest': 'checksum',
  'partition table: MD5 does not match': 'checksum',
  empty: 'empty',
  'nothing to write': 'nothing',
  'neither a folder nor a flasher_args.json': 'noFolder',
  'no build in it: no flasher_args.json, firmware.bin or *.ino.bin': 'noBuild',
  'no partition in it': 'noPartition',
  'outside the build folder': 'outside',
  'for several chips': 'severalChips',
  damaged: 'damaged',
  'an ELF: it is for decoding; give the .bin that the build makes of it': 'elf',
  'a ZIP archive: unpack it first': 'packed',
  'a 7z archive: unpack it first': 'packed',
  'packed with gzip: unpack it first': 'packed',
  'packed with bzip2: unpack it first': 'packed',
  'packed with xz: unpack it first': 'packed',
  'packed with zstd: unpack it first': 'packed',
  'Intel HEX or UF2: give the .bin that the build makes of it': 'hexText',
  'its bl_addr is no address': 'noAddress',
  'its info.json has no script_addr': 'noScriptAddress',
  'its bootloader and its application are for different chips': 'severalChips',
} as const;

/** In the reader's language; what is not known stays as it is. */
export function badFileReason(t: TFunction, reason: string): string {
  return Object.hasOwn(known, reason) ? t(`flash.badFile.${known[reason as keyof typeof known]}`) : reason;
}
