import { TalkError } from '../../../../preload/contract/errors.ts';
import type { EspBoard } from './board.ts';
import { words } from './commands.ts';
import { md5Of } from './compare.ts';
import type { EspLoader } from './loader.ts';
import { wireMs } from './rates.ts';

/** A stretch with a digest of its own: what has to be read again when the line fails. */
const STUB_CHUNK_BYTES = 0x40000;
const ROM_CHUNK_BYTES = 0x4000;
/** What the stub sends at once, and how much of it may be on its way. */
const PACKET_BYTES = 0x1000;
const PACKETS_IN_FLIGHT = 64;
const DIGEST_BYTES = 16;
const PACKET_TIMEOUT_MS = 1000;
/** READ_FLASH_SLOW answers with so many bytes, however few are meant. */
const ROM_PACKET_BYTES = 64;

/**
 * Bytes of the board's flash, every stretch of them checked by the chip's own MD5 of it and read again when that does not fit.
 * Fails with `flash/protocol` when the line does not allow it.
 */
export async function readFlash(
  board: EspBoard,
  offset: number,
  sizeBytes: number,
  onProgress: (doneBytes: number) => void = () => {},
): Promise<Uint8Array> {
  board.loader.requireReach(offset, sizeBytes);
  const data = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const { loader } = board;
    const chunk = data.subarray(at, at + (loader.isStub ? STUB_CHUNK_BYTES : ROM_CHUNK_BYTES));
    const from = at;
    const tell = (bytes: number) => onProgress(from + bytes);
    try {
      await (loader.isStub ? readByStub(loader, offset + at, chunk, tell) : readByRom(loader, offset + at, chunk, tell));
      at += chunk.length;
      board.worked();
    } catch (error) {
      await board.recover(error);
    }
  }
  return data;
}

/** Packets of the bytes themselves, each answered with how many there are by now, and the MD5 of all. */
async function readByStub(loader: EspLoader, offset: number, into: Uint8Array, onProgress: (bytes: number) => void): Promise<void> {
  const { link } = loader;
  await link.command('readFlash', words(offset, into.length, PACKET_BYTES, PACKETS_IN_FLIGHT));
  for (let at = 0; at < into.length; ) {
    const packet = await nextPacket(loader, Math.min(PACKET_BYTES, into.length - at));
    into.set(packet, at);
    at += packet.length;
    await link.send(words(at));
    onProgress(at);
  }
  const digest = Buffer.from(await nextPacket(loader, DIGEST_BYTES)).toString('hex');
  if (digest !== md5Of(into)) throw damaged('the MD5 is another');
  link.trace.received(`${into.length} bytes, MD5 as told`);
}

async function readByRom(loader: EspLoader, offset: number, into: Uint8Array, onProgress: (bytes: number) => void): Promise<void> {
  for (let at = 0; at < into.length; at += ROM_PACKET_BYTES) {
    const size = Math.min(ROM_PACKET_BYTES, into.length - at);
    const { data } = await loader.ask('readFlashSlow', words(offset + at, size), { replyBytes: [ROM_PACKET_BYTES, size] });
    into.set(data.subarray(0, size), at);
    onProgress(at + size);
  }
  if ((await loader.md5(offset, into.length)) !== md5Of(into)) throw damaged('the MD5 is another');
}

/** They carry no name: noise and echoes are told by their length, and by the MD5 in the end. */
async function nextPacket({ link, baudRate }: EspLoader, sizeBytes: number): Promise<Uint8Array> {
  const timeoutMs = PACKET_TIMEOUT_MS + 2 * wireMs(sizeBytes, baudRate);
  const packet = await link.packetThat(({ length }) => length === sizeBytes, timeoutMs);
  if (packet === null) throw damaged('no answer');
  return packet;
}

function damaged(reason: string): TalkError {
  return new TalkError('flash/protocol', { command: 'readFlash', status: null, reason }, { retryable: true });
}
