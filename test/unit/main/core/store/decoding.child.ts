/** A thread that decodes a packet as the store's long jobs do, and says what became of it. */
import { parentPort } from 'node:worker_threads';
import { decode } from '../../../../../main/core/store/audio-reader.ts';
import { createOpusDecoder } from '../../../../../pipeline/audio/opus.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';

const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
try {
  // 20 ms of silence.
  parentPort?.postMessage(decode(decoder, Uint8Array.of(0x48, 0x0b, 0xe4, 0xc1, 0x36, 0xec, 0xc5, 0x80)).length);
} catch (error) {
  parentPort?.postMessage(isTalkError(error) ? error.code : String(error));
} finally {
  decoder.close();
}
