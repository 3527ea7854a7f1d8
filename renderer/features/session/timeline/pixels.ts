/** An opaque colour as it lies in memory: little-endian RGBA. */
export type Colour = number;

/** Every so many pixels a line of what is hatched. */
const HATCH = 6;
/** Fewer pixels are written faster one by one. */
const FEW = 16;

/**
 * The tracks as pixels. A frame of a long session is thousands of boxes: a canvas takes longer over each than over all of them as one
 * image. Places are whole pixels, what lies outside is cut off.
 */
export class Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  /** Rows above it stay as they are. */
  top = 0;
  readonly #pixels: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.bytes = new Uint8ClampedArray(width * height * 4);
    this.#pixels = new Uint32Array(this.bytes.buffer);
  }

  clear(colour: Colour): void {
    this.#pixels.fill(colour);
  }

  /** `strength` 0 … 1: how much of the colour shows over what is there. */
  fill(x: number, y: number, width: number, height: number, colour: Colour, strength = 1): void {
    const pixels = this.#pixels;
    const from = Math.max(0, x);
    const to = Math.min(this.width, x + width);
    const bottom = Math.min(this.height, y + height);
    // What is beneath is mostly one colour.
    let beneath = -1;
    let mixed = colour;
    for (let row = Math.max(this.top, y); row < bottom; row++) {
      const end = row * this.width + to;
      if (strength >= 1 && to - from > FEW) pixels.fill(colour, row * this.width + from, end);
      else
        for (let at = row * this.width + from; at < end; at++) {
          if (strength < 1 && pixels[at] !== beneath) {
            beneath = pixels[at] as number;
            mixed = mix(beneath, colour, strength);
          }
          pixels[at] = mixed;
        }
    }
  }

  /** As `fill`, in slanted lines. */
  hatch(x: number, y: number, width: number, height: number, colour: Colour, strength: number): void {
    const to = Math.min(this.width, x + width);
    const bottom = Math.min(this.height, y + height);
    for (let row = Math.max(this.top, y); row < bottom; row++)
      for (let column = Math.max(0, x); column < to; column++) {
        const slant = (column + row) % HATCH;
        const at = row * this.width + column;
        if (slant < 2) this.#pixels[at] = mix(this.#pixels[at] as number, colour, slant === 0 ? strength : strength / 2);
      }
  }

  /** A frame of lines inside the box. */
  outline(x: number, y: number, width: number, height: number, thickness: number, colour: Colour): void {
    this.fill(x, y, width, thickness, colour);
    this.fill(x, y + height - thickness, width, thickness, colour);
    this.fill(x, y + thickness, thickness, height - 2 * thickness, colour);
    this.fill(x + width - thickness, y + thickness, thickness, height - 2 * thickness, colour);
  }
}

/** Between two colours: 0 is the first, 1 the second. Two channels at a time. */
export function mix(one: Colour, other: Colour, share: number): Colour {
  const part = Math.round(share * 256);
  const odd = (((one & 0xff00ff) * (256 - part) + (other & 0xff00ff) * part) >>> 8) & 0xff00ff;
  const even = (((one >>> 8) & 0xff) * (256 - part) + ((other >>> 8) & 0xff) * part) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

/** Colours as the stylesheet has them, whatever way they are written. */
export function coloursOf(written: readonly string[]): Colour[] {
  const canvas = document.createElement('canvas');
  canvas.width = written.length;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return written.map(() => 0xff000000);
  for (const [i, colour] of written.entries()) {
    context.fillStyle = colour;
    context.fillRect(i, 0, 1, 1);
  }
  const { data } = context.getImageData(0, 0, written.length, 1);
  return [...new Uint32Array(data.buffer)].map((pixel) => (pixel | 0xff000000) >>> 0);
}
