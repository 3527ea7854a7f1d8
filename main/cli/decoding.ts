import type { DecodedAddress, SymbolFrame } from '../../preload/contract/symbols.ts';
import type { Build } from '../core/logs/symbols/decode.ts';
import { open, readWhole, sha256Of } from '../core/logs/symbols/symbol-files.ts';

/** The builds in ELF files (or in their folders). Throws TalkError 'symbols/bad-elf'. */
export async function buildsOf(paths: readonly string[]): Promise<Build[]> {
  const builds: Build[] = [];
  for (const given of paths) {
    const { bytes, path } = await readWhole(given);
    builds.push({ id: path, sha256: await sha256Of(bytes), firmware: open(path, bytes) });
  }
  return builds;
}

/** An address with its functions and lines, one a line; what was inlined stands before what it was put into. */
export function addressText({ address, label, frames, isMaybe, instruction }: DecodedAddress, indent = ''): string {
  const head = `0x${address.toString(16).padStart(8, '0')}${isMaybe ? '?' : ''}${label === 'text' || label === 'frame' ? '' : ` ${label}`}`;
  if (frames.length === 0) return `${head}: ??`;
  const moved = instruction === address ? '' : ` (call at 0x${instruction.toString(16)})`;
  return frames
    .map((frame, index) => `${index === 0 ? `${head}:` : `${indent}   inlined by`} ${frameText(frame)}${index === 0 ? moved : ''}`)
    .join('\n');
}

function frameText({ function: name, file, line, offset }: SymbolFrame): string {
  const place = file === undefined ? '' : ` at ${file}:${line ?? '?'}`;
  return `${name === '' ? '??' : name}${offset === undefined ? '' : `+0x${offset.toString(16)}`}${place}`;
}
