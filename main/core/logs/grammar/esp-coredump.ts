import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { alone, type Block, continuing, factsWith, type Grammar, type LineFacts, newFacts, opening } from './grammar.ts';

const start = /^=+ CORE DUMP START =+\s*$/;
const end = /^=+ CORE DUMP END =+\s*$/;
const checksum = /^Coredump checksum='([0-9a-f]+)'/i;
const base64 = /^[A-Za-z0-9+/]{2,76}={0,2}$/;
/** Of a board with all its PSRAM in the dump. */
const MAX_BYTES = 16 << 20;

/** What has come between START and END. */
interface Dump {
  parts: Buffer[];
  bytes: number;
}

/**
 * A core dump on the UART (reference/esp.md §4): lines of base64 of at most 48 bytes, each padded for itself. In it a header
 * whose first word is the length of all, the core file, and a CRC32 or SHA-256 of what stands before it. Other tasks' lines
 * may stand between.
 */
export const espCoredump: Grammar = {
  name: 'esp-coredump',
  begins: [start, end],
  match(text, block) {
    if (start.test(text)) {
      const dump: Dump = { parts: [], bytes: 0 };
      return opening('coredump', factsWith(text, { event: 'coredump.start' }), dump);
    }
    if (end.test(text)) {
      const facts = factsWith(text, { event: 'coredump.end', ...endPayload(block) });
      return block === null ? alone(facts) : continuing(facts);
    }
    if (block === null) return null;
    const sum = checksum.exec(text);
    if (sum !== null) return continuing(factsWith(text, { payload: { checksum: sum[1] } }), { closes: true });
    // A word of another task's line can look like base64, but not in the middle of a dump that has ended.
    if (block.event === 'coredump.end' || !isBase64(text)) return null;
    addLine(block.state as Dump, text);
    return continuing(newFacts(text));
  },
};

function isBase64(text: string): boolean {
  const line = text.trimEnd();
  return line.length % 4 === 0 && base64.test(line);
}

function addLine(dump: Dump, text: string): void {
  const part = Buffer.from(text, 'base64');
  dump.bytes += part.length;
  if (dump.bytes <= MAX_BYTES) dump.parts.push(part);
}

/** Nothing when the beginning was missed. */
function endPayload(block: Block | null): Partial<LineFacts> {
  if (block === null) return {};
  const dump = block.state as Dump;
  const isChecksumOk = dump.bytes <= MAX_BYTES && isWhole(Buffer.concat(dump.parts));
  dump.parts = [];
  return { payload: { bytes: dump.bytes, isChecksumOk } };
}

function isWhole(dump: Buffer): boolean {
  if (dump.length < 28) return false;
  const body = dump.subarray(0, -4);
  if (crc32(body) === dump.readUInt32LE(dump.length - 4)) return true;
  return createHash('sha256').update(dump.subarray(0, -32)).digest().equals(dump.subarray(-32));
}
