/** The numbers of partition types and subtypes and what ESP-IDF calls them (its Partition Tables guide). */
export const partitionTypes: Readonly<Record<string, number>> = { app: 0x00, data: 0x01, bootloader: 0x02, partition_table: 0x03 };

const otaSlots = Object.fromEntries(Array.from({ length: 16 }, (_, slot) => [`ota_${slot}`, 0x10 + slot]));

const subtypes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  app: { factory: 0x00, ...otaSlots, test: 0x20, tee_0: 0x30, tee_1: 0x31 },
  data: {
    ota: 0x00,
    phy: 0x01,
    nvs: 0x02,
    coredump: 0x03,
    nvs_keys: 0x04,
    efuse: 0x05,
    undefined: 0x06,
    esphttpd: 0x80,
    fat: 0x81,
    spiffs: 0x82,
    littlefs: 0x83,
    tee_ota: 0x90,
  },
  bootloader: { primary: 0x00, ota: 0x01, recovery: 0x02 },
  partition_table: { primary: 0x00, ota: 0x01 },
};

/** 'app', or '0x40' for one of somebody's own. */
export function typeName(type: number): string {
  return nameOf(partitionTypes, type);
}

/** 'factory', or the number in hex. `type` by its name: the same number means another thing in another type. */
export function subtypeName(type: string, subtype: number): string {
  return nameOf(subtypesOf(type), subtype);
}

/** By its name; undefined for one that is neither a known name nor a number of one byte. */
export function typeNumber(name: string): number | undefined {
  return numberOf(partitionTypes, name);
}

export function subtypeNumber(type: string, name: string): number | undefined {
  return numberOf(subtypesOf(type), name);
}

function subtypesOf(type: string): Readonly<Record<string, number>> {
  return (Object.hasOwn(subtypes, type) ? subtypes[type] : undefined) ?? {};
}

function nameOf(names: Readonly<Record<string, number>>, wanted: number): string {
  const found = Object.entries(names).find(([, value]) => value === wanted);
  return found?.[0] ?? `0x${wanted.toString(16).padStart(2, '0')}`;
}

function numberOf(names: Readonly<Record<string, number>>, name: string): number | undefined {
  if (Object.hasOwn(names, name)) return names[name];
  const value = /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(name) ? Number(name) : Number.NaN;
  return value <= 0xff ? value : undefined;
}
