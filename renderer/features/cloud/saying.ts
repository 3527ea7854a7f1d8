/** What a virtual counterpart says: spoken by an embedded voice, typed past speech recognition, or out of a file. */
export const sayings = ['speech', 'typed', 'wav'] as const;
export type SayingKind = (typeof sayings)[number];

export interface Saying {
  kind: SayingKind;
  text: string;
  wav: { name: string; bytes: Uint8Array } | null;
}

export type Said = { kind: 'speech'; text: string } | { kind: 'typed'; text: string } | { kind: 'wav'; wav: Uint8Array };

/** Null while there is nothing to say. */
export function saidOf({ kind, text, wav }: Saying): Said | null {
  if (kind === 'wav') return wav === null ? null : { kind, wav: wav.bytes };
  return text.trim() === '' ? null : { kind, text: text.trim() };
}
