/** Numbers both ends of the wire agree on. No zod here: the renderer bundles this file. */
export const PROTOCOL_VERSION = 1;
export const BATCH_INTERVAL_MS = 33;
export const BATCH_BYTES = 256 * 1024;

/** Items a client lets the server send before it has finished with any of them. */
export const STREAM_CREDIT_ITEMS = 2000;

/** Largest body of one call: a session file handed to `sessions.import`, firmware handed to `flash.start`. */
export const MAX_CALL_BYTES = 256 * 1024 * 1024;

/**
 * Why the far end closed, where retrying cannot help: `forbidden` (token or origin refused), `protocol` (the two ends
 * speak different versions), `bad-frame` (this end sent something the contract does not know).
 */
export const closeReasons = ['forbidden', 'protocol', 'bad-frame'] as const;
