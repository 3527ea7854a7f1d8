/** A stretch of the recording, milliseconds from the session's start. Whole ones: at 16 kHz they are whole samples. */
export interface Piece {
  fromMs: number;
  toMs: number;
}

export interface FetchingOptions<Sound> {
  fetch(piece: Piece): Promise<Sound>;
  onPiece(piece: Piece, sound: Sound): void;
  /** Too far from where it plays to be kept. */
  onDrop(piece: Piece): void;
  onFailure(error: unknown): void;
}

/** What is heard first should be there first: pieces grow with what is ahead already. */
const firstMs = 600;
const soonMs = 3000;
const laterMs = 10_000;
/** So much is kept ahead, at speed 1. */
const aheadMs = 15_000;
/**
 * 25 MB. Counted in sound, not in pieces: who steps back and back makes many that are short. What is wanted at one time, ahead of where
 * it plays and of a loop's beginning, is far less, so that nothing is dropped to be asked for again at once.
 */
const mostKeptMs = 400_000;
/** A seek does not wait for what another place had asked for. */
const mostUnderWay = 2;
/** The time stretch looks a little to both sides of where it plays. */
const marginMs = 20;

/** Decides which piece of a recording is fetched next, so that there is always sound where it plays and ahead of it. */
export class Fetching<Sound> {
  readonly #options: FetchingOptions<Sound>;
  #pieces: Piece[] = [];
  #underWay: Piece[] = [];
  #wanted: { atMs: number; rate: number; loop: { fromMs: number; toMs: number } | null } | null = null;
  #generation = 0;
  endMs: number;

  constructor(endMs: number, options: FetchingOptions<Sound>) {
    this.endMs = endMs;
    this.#options = options;
  }

  /** It plays, or is about to, at this place. */
  want(atMs: number, rate: number, loop: { fromMs: number; toMs: number } | null = null): void {
    this.#wanted = { atMs: Math.max(0, Math.floor(atMs) - marginMs), rate, loop };
    this.#next();
  }

  /** What there is, is of another recording now. */
  clear(): void {
    this.#generation += 1;
    this.#pieces = [];
    this.#underWay = [];
  }

  /** How far sound reaches without a gap from `atMs` on, with what is under way. */
  #reach(atMs: number): number {
    let reach = atMs;
    for (const piece of [...this.#pieces, ...this.#underWay].sort((a, b) => a.fromMs - b.fromMs))
      if (piece.fromMs <= reach && piece.toMs > reach) reach = piece.toMs;
    return reach;
  }

  /** Where there has to be sound: where it plays, and where it will go back to. */
  #places(): number[] {
    if (this.#wanted === null) return [0];
    const { atMs, loop } = this.#wanted;
    return loop !== null && atMs < loop.toMs ? [atMs, Math.max(0, Math.floor(loop.fromMs) - marginMs)] : [atMs];
  }

  #nextPiece(): Piece | null {
    if (this.#wanted === null) return null;
    const { rate, loop } = this.#wanted;
    for (const place of this.#places()) {
      const reach = this.#reach(place);
      const ahead = reach - place;
      const enough = aheadMs * Math.max(1, rate);
      const limit = loop !== null && place < loop.toMs ? Math.min(this.endMs, Math.ceil(loop.toMs) + 2 * marginMs) : this.endMs;
      if (ahead >= enough || reach >= limit) continue;
      const length = ahead === 0 ? firstMs * Math.max(1, rate) : ahead < soonMs ? soonMs : laterMs;
      const known = [...this.#pieces, ...this.#underWay].filter((piece) => piece.fromMs > reach).map((piece) => piece.fromMs);
      return { fromMs: reach, toMs: Math.min(Math.ceil(reach + length), this.endMs, ...known) };
    }
    return null;
  }

  #next(): void {
    while (this.#underWay.length < mostUnderWay) {
      const piece = this.#nextPiece();
      if (piece === null) return;
      // One after the other, but for a seek: what is ahead must not take the place of what is to be heard.
      if (this.#underWay.some((each) => each.toMs === piece.fromMs)) return;
      this.#underWay.push(piece);
      void this.#run(piece, this.#generation);
    }
  }

  async #run(piece: Piece, generation: number): Promise<void> {
    try {
      const sound = await this.#options.fetch(piece);
      if (generation !== this.#generation) return;
      this.#underWay = this.#underWay.filter((each) => each !== piece);
      this.#pieces.push(piece);
      this.#options.onPiece(piece, sound);
      this.#makeRoom();
      this.#next();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#underWay = this.#underWay.filter((each) => each !== piece);
      this.#wanted = null;
      this.#options.onFailure(error);
    }
  }

  #makeRoom(): void {
    const places = this.#places();
    const distance = (piece: Piece) => Math.min(...places.map((place) => Math.max(piece.fromMs - place, place - piece.toMs, 0)));
    for (let keptMs = this.#pieces.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0); keptMs > mostKeptMs; ) {
      const farthest = this.#pieces.reduce((most, piece) => (distance(piece) > distance(most) ? piece : most));
      this.#pieces = this.#pieces.filter((piece) => piece !== farthest);
      keptMs -= farthest.toMs - farthest.fromMs;
      this.#options.onDrop(farthest);
    }
  }
}
