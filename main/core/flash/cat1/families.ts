/** Eigencomm's chips, as far as an agentboot tells them apart. */
export const families = ['ec217', 'ec618', 'ec716', 'ec718', 'ec718m'] as const;
export type Family = (typeof families)[number];

/** A package may say no more than 'ec7xx'. */
export type PackageFamily = Family | 'ec7xx';

/** The first eight bytes of the ROM's version, as one number (a vendor's ini files; the EC618's also by a capture). */
const romVersions: Readonly<Record<string, Family>> = {
  '0102000000': 'ec618',
  '0103010000': 'ec716',
  '0203000000': 'ec718',
  '0103030000': 'ec718m',
};

/** Of a product ('EC718PM_PRD'), a chip type ('ec7xx'), a folder ('ec718m_products') or a text in a blob. Null: says nothing. */
export function familyIn(text: string): PackageFamily | null {
  const chip = /(?:ec|ycom_|qcx)(217|618|716|718(?:[hups]?m)?|7xx)/i.exec(text)?.[1]?.toLowerCase();
  if (chip === undefined) return null;
  if (chip === '7xx') return 'ec7xx';
  return chip.startsWith('718') ? (chip === '718' ? 'ec718' : 'ec718m') : (`ec${chip}` as Family);
}

/** Null: a ROM nobody has told of. */
export function familyOfRom(version: Uint8Array): Family | null {
  return romVersions[romVersionText(version)] ?? null;
}

/** As the vendor's ini files write it: '0203000000'. */
export function romVersionText(version: Uint8Array): string {
  return version.length < 8 ? '' : Buffer.from(version).readBigUInt64LE().toString(16).padStart(10, '0');
}

export function isOneOf(family: Family, wanted: PackageFamily): boolean {
  return family === wanted || (wanted === 'ec7xx' && family.startsWith('ec7'));
}
