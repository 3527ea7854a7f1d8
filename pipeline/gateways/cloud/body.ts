import type { IncomingMessage } from 'node:http';

export interface BodyLimits {
  mostBytes: number;
  /** Of all requests that are on their way in, whoever sends them. */
  mostBytesTogether: number;
}

/** Reads request bodies within bounds. Of what is too much nothing is kept, and the rest is let run, so that its sender hears the answer. */
export class Bodies {
  readonly #limits: BodyLimits;
  #bytesUnderWay = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Rejects when the client goes away. */
  read(request: IncomingMessage): Promise<Buffer | 'too-large' | 'too-much-at-once'> {
    const { mostBytes, mostBytesTogether } = this.#limits;
    return new Promise((resolve, reject) => {
      let chunks: Buffer[] = [];
      let length = 0;
      let refusal: 'too-large' | 'too-much-at-once' | null = null;
      const letGo = () => {
        this.#bytesUnderWay -= length;
        length = 0;
        chunks = [];
      };
      request.on('data', (chunk: Buffer) => {
        if (refusal !== null) return;
        chunks.push(chunk);
        length += chunk.length;
        this.#bytesUnderWay += chunk.length;
        if (length > mostBytes) refusal = 'too-large';
        else if (this.#bytesUnderWay > mostBytesTogether) refusal = 'too-much-at-once';
        if (refusal !== null) letGo();
      });
      request.on('end', () => {
        resolve(refusal ?? Buffer.concat(chunks));
        letGo();
      });
      request.on('error', reject);
      request.on('close', () => {
        letGo();
        reject(new Error('the client went away'));
      });
    });
  }
}
