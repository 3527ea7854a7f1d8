/** Of both ends of live audio: 16 kHz, mono, signed 16 bits, little endian. No zod here: the renderer bundles this file. */
export const LIVE_SAMPLE_RATE = 16_000;
export const LIVE_CHUNK_MS = 20;
