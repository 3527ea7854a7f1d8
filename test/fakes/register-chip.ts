import { createHash } from 'node:crypto';
import type { Chip } from '../../main/core/flash/esp/chips.ts';
import { MAGIC_ADDRESS } from '../../main/core/flash/esp/chips.ts';
import { encodeSlip, SlipReader } from '../../main/core/flash/esp/slip.ts';
import { openPty, type Pty } from '../../pipeline/boards/pty.ts';

const SPI_BUSY = 1 << 18;
const SYNC = 0x08;
const READ_REGISTER = 0x0a;
const SECURITY_INFO = 0x14;

/**
 * A ROM on a PTY whose registers each hold a value that follows from their address and from nothing else: two programs that tell
 * the same of it have asked for the same registers.
 */
export async function openRegisterChip({ name, magic, imageChipId }: Chip): Promise<Pty> {
  const pty = await openPty();
  const reader = new SlipReader();
  pty.onData((data) => {
    for (const packet of reader.push(data)) {
      if (packet[0] === 0 && packet.length >= 8) for (const answer of answersTo(packet)) pty.write(encodeSlip(answer));
    }
  });
  return pty;

  function answersTo(packet: Uint8Array): Uint8Array[] {
    const view = Buffer.from(packet);
    const opcode = packet[1] ?? 0;
    if (opcode === SYNC) return Array<Uint8Array>(8).fill(answer(SYNC, 0x20120707));
    if (opcode === READ_REGISTER) return [answer(opcode, register(view.readUInt32LE(8)))];
    if (opcode !== SECURITY_INFO) return [answer(opcode, 0)];
    // The first ROM says no under the name of the last command it knew, the second leaves its chip id out.
    if (name === 'esp32') return Array<Uint8Array>(8).fill(answer(SYNC, 0x20120707, Buffer.of(), [1, 5, 0, 0]));
    if (name === 'esp32s2') return [answer(opcode, 0, Buffer.alloc(12))];
    const info = Buffer.alloc(20);
    info.writeUInt32LE(imageChipId, 12);
    return [answer(opcode, 0, info)];
  }

  function register(address: number): number {
    if (address === MAGIC_ADDRESS) return magic ?? 9;
    return (createHash('md5').update(`${address}`).digest().readUInt32LE(0) & ~SPI_BUSY) >>> 0;
  }
}

function answer(opcode: number, value: number, data: Uint8Array = Buffer.of(), status: readonly number[] = [0, 0, 0, 0]): Uint8Array {
  const head = Buffer.alloc(8);
  head[0] = 0x01;
  head[1] = opcode;
  head.writeUInt16LE(data.length + status.length, 2);
  head.writeUInt32LE(value, 4);
  return Buffer.concat([head, data, Buffer.from(status)]);
}
