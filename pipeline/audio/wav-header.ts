import { TalkError } from '../../preload/contract/talk-error.ts';

const HEADER_BYTES = 44;
/** What a RIFF chunk's 32-bit length leaves for sound. */
const LIMIT_BYTES = 0xffffffff - HEADER_BYTES;

/** What stands before the samples of a WAV of 16-bit PCM that is written bit by bit. Throws TalkError 'too-large'. */
export function wavHeader(options: { channels: number; sampleRate: number; dataBytes: number }): Uint8Array {
  const { channels, sampleRate, dataBytes } = options;
  if (dataBytes > LIMIT_BYTES) throw new TalkError('too-large', { limitBytes: LIMIT_BYTES, sizeBytes: dataBytes });
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return new Uint8Array(header);
}
