import { z } from 'zod';

/** Binary, on whatever buffer it stands: `z.instanceof(Uint8Array)` would insist on an ArrayBuffer of its own. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not binary');
