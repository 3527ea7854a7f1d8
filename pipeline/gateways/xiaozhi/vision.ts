import { randomBytes } from 'node:crypto';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { DeviceName } from '../devices.ts';
import { isSame } from './credentials.ts';

const MAX_PHOTO_BYTES = 4 * 1024 * 1024;
/** With the boundary lines and the question. */
export const MAX_FORM_BYTES = MAX_PHOTO_BYTES + 64 * 1024;
const LONGEST_QUESTION = 2000;

export interface Photo {
  question: string;
  data: Uint8Array;
  mediaType: string;
}

/**
 * Tokens for the photos of open channels. A camera sends its photo here, beside its channel, and what is answered becomes the answer of
 * its take_photo tool.
 */
export class VisionTokens<Owner> {
  readonly #owners = new Map<string, Owner>();

  issue(owner: Owner): string {
    const token = randomBytes(16).toString('hex');
    this.#owners.set(token, owner);
    return token;
  }

  revoke(token: string): void {
    this.#owners.delete(token);
  }

  owner(authorization: string): Owner | undefined {
    const given = authorization.replace(/^Bearer\s+/iu, '');
    return [...this.#owners].find(([token]) => isSame(given, token))?.[1];
  }
}

/** The form a camera sends: `question` and `file`. Rejects with TalkError 'gateway/malformed' | 'too-large'. */
export async function readPhoto(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Photo> {
  const malformed = (reason: string) => new TalkError('gateway/malformed', { gateway: 'xiaozhi', what: 'photo', reason });
  if (!/^multipart\/form-data\s*;/iu.test(contentType)) throw malformed('not a form');
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw malformed('not a form that can be read');
  });
  const file = form.get('file');
  if (file === null || typeof file === 'string') throw malformed('without a file');
  if (file.size > MAX_PHOTO_BYTES) throw new TalkError('too-large', { limitBytes: MAX_PHOTO_BYTES, sizeBytes: file.size });
  const question = form.get('question');
  const data = new Uint8Array(await file.arrayBuffer());
  const mediaType = mediaTypeOf(data);
  if (mediaType === null) throw malformed('neither JPEG nor PNG');
  return { question: typeof question === 'string' ? question.slice(0, LONGEST_QUESTION) : '', data, mediaType };
}

/** What stands in the photo's own first bytes; cameras call everything JPEG. */
function mediaTypeOf(data: Uint8Array): string | null {
  if (data[0] === 0xff && data[1] === 0xd8) return 'image/jpeg';
  return data[0] === 0x89 && data[1] === 0x50 && data[2] === 0x4e && data[3] === 0x47 ? 'image/png' : null;
}

/** Asks about a photo; rejects with the model's TalkError. */
export type AskAboutPhoto = (photo: Photo, about: { device: DeviceName; language: 'zh' | 'en'; signal: AbortSignal }) => Promise<string>;

/** The answer's body as firmware hands it on. Rejects for faults only: what the model could not do is said in the answer. */
export async function explain(
  photo: Photo,
  about: { device: DeviceName; language: 'zh' | 'en'; signal: AbortSignal },
  askAboutPhoto: AskAboutPhoto,
): Promise<{ success: true; result: string } | { success: false; message: string }> {
  const question = photo.question || (about.language === 'zh' ? '请描述这张照片。' : 'Describe this photo.');
  try {
    const result = await askAboutPhoto({ ...photo, question }, about);
    return result === '' ? { success: false, message: 'no answer' } : { success: true, result };
  } catch (error) {
    if (!isTalkError(error) && !about.signal.aborted) throw error;
    return { success: false, message: isTalkError(error) ? error.code : 'cancelled' };
  }
}
