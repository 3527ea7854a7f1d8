import { random } from '../random.ts';
import type { ModuleChip } from './chips.ts';

const BYTES = 0x8af0;

/**
 * Stands for the loader that the vendor lets nobody ship: the size of a real one, says what it was built for, and runs on virtual
 * modules only.
 */
export function madeUpAgentboot(chip: ModuleChip, transport: 'usb' | 'uart'): Uint8Array {
  const next = random(BYTES);
  // No letters by chance: what it is for is read from its texts.
  const blob = Uint8Array.from({ length: BYTES }, () => 0x80 + Math.floor(next() * 0x80));
  // Where real ones of that chip run.
  blob.set(Buffer.from(chip === 'ec718m' ? '10b9100071104000' : '08c9430071204200', 'hex'));
  blob.set(Buffer.from(`agentboot_${transport} ${chip.toUpperCase()} made up for virtual modules\0`), 0x400);
  return blob;
}

/** Null: not one of ours. A virtual module takes a real one for its own. */
export function madeFor(blob: Uint8Array): { chip: ModuleChip; transport: 'usb' | 'uart' } | null {
  const text = Buffer.from(blob.subarray(0x400, 0x440)).toString('latin1');
  const found = /^agentboot_(usb|uart) (EC\w+) made up/.exec(text);
  return found === null ? null : { transport: found[1] as 'usb' | 'uart', chip: (found[2] ?? '').toLowerCase() as ModuleChip };
}
