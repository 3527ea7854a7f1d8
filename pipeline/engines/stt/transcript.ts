const han = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;

/** What a streaming recogniser has said so far: parts that stay, and one that may still change. */
export class Transcript {
  readonly #parts: string[] = [];
  #pending = '';

  /** Stays as it is. */
  settle(text: string): void {
    this.#pending = '';
    if (text.trim() !== '') this.#parts.push(text.trim());
  }

  /** In place of what was pending. */
  suppose(text: string): void {
    this.#pending = text.trim();
  }

  /** Nothing is pending that the service still owed a last word on. */
  get isSettled(): boolean {
    return this.#pending === '';
  }

  /** Everything, pending or not; parts of Han text follow one another without a space. */
  get text(): string {
    const parts = this.#pending === '' ? this.#parts : [...this.#parts, this.#pending];
    return parts.reduce(
      (text, part) => (text === '' || (han.test(text.at(-1) ?? '') && han.test(part[0] ?? '')) ? text + part : `${text} ${part}`),
      '',
    );
  }
}
