import { TalkError } from '../../preload/contract/errors.ts';
import type { LlmImage } from '../engines/llm/engine.ts';

/** Images that wait for a question; the oldest is let go. */
const MOST_IMAGES = 4;
/** A camera's picture is far below it, and a history holds those of a few rounds for each board. */
export const LARGEST_IMAGE_BYTES = 4 * 1024 * 1024;

/** The board's images for the user's next turn. */
export class WaitingImages {
  #images: readonly LlmImage[] = [];

  /** Throws TalkError 'too-large'. */
  add(image: LlmImage): void {
    const { byteLength } = image.data;
    if (byteLength > LARGEST_IMAGE_BYTES) throw new TalkError('too-large', { limitBytes: LARGEST_IMAGE_BYTES, sizeBytes: byteLength });
    this.#images = [...this.#images, image].slice(-MOST_IMAGES);
  }

  get all(): readonly LlmImage[] {
    return this.#images;
  }

  /** They belong to a turn now. */
  take(): readonly LlmImage[] {
    const images = this.#images;
    this.#images = [];
    return images;
  }
}
