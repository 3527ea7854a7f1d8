/** What goes wrong, the same way each time for one seed. */
export interface Cat1Faults {
  seed?: number;
  /** Output in pieces of one to three bytes. */
  splitChunks?: boolean;
  /** Lines nobody asked for, between a command's echo and its answer. */
  awkwardLines?: boolean;
  /** This command is answered so much later, and not at all before. */
  late?: { command: string; byMs: number };
  /** The module starts anew in the middle of commands that begin so. */
  resetDuring?: string;
}

const lines = [
  '+CEREG: 1',
  '+CEREG: 1,"4844","01a2c315",7',
  '+CPIN: READY 0',
  '+CGEV: ME PDN ACT 1,0',
  '+NITZ: 2024/08/27,06:36:38+0, ',
  '+E_UTRAN Service',
  '^MODE: 17,17',
  '*CESQ: 99,99,255,255,22,48,18',
] as const;

/** One to three of the lines that real modules send whenever they like. */
export function awkwardLines(next: () => number): string[] {
  return Array.from({ length: 1 + Math.floor(next() * 3) }, () => lines[Math.floor(next() * lines.length)] ?? lines[0]);
}
