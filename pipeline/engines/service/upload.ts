import type { LlmImage } from '../llm/engine.ts';
import type { ServiceName } from './failure.ts';
import { jsonOf, request } from './request.ts';

const extensions: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/svg+xml': 'svg' };

/**
 * Brings an image to a service that takes images by the number of a file it has. Resolves with what it answers; rejects as `request`
 * does, and with 'engine/failed' for an answer that is no JSON.
 */
export async function uploadImage(
  image: LlmImage,
  to: { service: ServiceName; url: URL; headers: Readonly<Record<string, string>>; fields?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<unknown> {
  const { service, url, headers, fields = {} } = to;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const extension = extensions[image.mediaType] ?? image.mediaType.split('/')[1] ?? 'jpg';
  form.append('file', new Blob([image.data.slice()], { type: image.mediaType }), `image.${extension}`);
  return jsonOf(await request({ service, url, headers, form, signal }), service, signal);
}

/** The files that images have become, as long as the images are remembered: a history says each of them again with every question. */
export class UploadedImages {
  readonly #files = new WeakMap<Uint8Array, Map<string, Promise<string>>>();

  /** `owner`: whose file it is; another's is of no use to them. One that failed is tried again with the next question. */
  idOf({ data }: LlmImage, owner: string, upload: () => Promise<string>): Promise<string> {
    const owned = this.#files.get(data) ?? new Map<string, Promise<string>>();
    this.#files.set(data, owned);
    const known = owned.get(owner);
    if (known !== undefined) return known;
    const uploading = upload();
    owned.set(owner, uploading);
    uploading.catch(() => owned.delete(owner));
    return uploading;
  }
}
