import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodings } from '../../../../../main/core/logs/encoding.ts';
import { type Line, type LineRules, LineSplitter, liveRules } from '../../../../../main/core/logs/lines.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const at = (us: number) => us as MonoUs;

/** The splitter over a stream counted from 0, its lines as bytes. */
class Lines {
  readonly #splitter: LineSplitter;
  #offset = 0;

  constructor(rules?: LineRules, encoding = encodings['utf-8']) {
    this.#splitter = new LineSplitter(rules);
    this.#splitter.encoding = encoding;
  }

  push(input: Uint8Array, atUs: MonoUs) {
    const lines = this.#splitter.push(Buffer.from(input.buffer, input.byteOffset, input.length), 0, input.length, atUs, this.#offset);
    this.#offset += input.length;
    return lines.map(withRaw);
  }

  flushPause = () => this.#splitter.flushPause().map(withRaw);
  flush = () => this.#splitter.flush().map(withRaw);

  get isPending() {
    return this.#splitter.isPending;
  }
}

const withRaw = ({ chunk, start, end, ...line }: Line) => ({ ...line, raw: new Uint8Array(chunk.subarray(start, end)) });
type RawLine = ReturnType<typeof withRaw>;

const texts = (lines: readonly RawLine[]) => lines.map(({ raw }) => Buffer.from(raw).toString('latin1'));
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('lines', () => {
  test('end at LF, CR LF, CR CR LF and a lone CR', () => {
    const splitter = new Lines();
    expect(texts(splitter.push(bytes('a\nb\r\nc\r\r\n10%\r20%\r\n\n'), at(0)))).toEqual([
      'a\n',
      'b\r\n',
      'c\r\r\n',
      '10%\r',
      '20%\r\n',
      '\n',
    ]);
    expect(splitter.isPending).toBe(false);
  });

  test('a CR at the end of a chunk waits to see whether LF follows', () => {
    const splitter = new Lines();
    expect(splitter.push(bytes('a\r'), at(0))).toEqual([]);
    expect(texts(splitter.push(bytes('\nb\r'), at(1)))).toEqual(['a\r\n']);
    expect(texts(splitter.push(bytes('c\n'), at(2)))).toEqual(['b\r', 'c\n']);
  });

  test('carry the time of their first byte', () => {
    const splitter = new Lines();
    splitter.push(bytes('slo'), at(10));
    splitter.push(bytes('w'), at(20));
    expect(splitter.push(bytes('\nnext\nth'), at(30)).map(({ atUs }) => atUs)).toEqual([10, 30]);
    expect(splitter.push(bytes('ird\n'), at(40)).map(({ atUs }) => atUs)).toEqual([30]);
  });

  test('longer than the limit come in pieces that say so, cut between characters', () => {
    const splitter = new Lines({ ...liveRules, maxLineBytes: 8 });
    const lines = splitter.push(Buffer.from('12345你好吗\nshort\n'), at(0));
    expect(lines.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['12345你', '好吗\n', 'short\n']);
    expect(lines.map(({ isContinuation }) => isContinuation)).toEqual([false, true, false]);
  });

  test('handed out in a pause keep back half a character and half an escape sequence', () => {
    const splitter = new Lines();
    const han = Buffer.from('你');
    splitter.push(Buffer.concat([bytes('> '), han.subarray(0, 2)]), at(0));
    expect(texts(splitter.flushPause())).toEqual(['> ']);
    splitter.push(Buffer.concat([han.subarray(2), bytes('\x1b[0;3')]), at(1));
    expect(Buffer.from(splitter.flushPause()[0]?.raw ?? []).toString()).toBe('你');
    expect(splitter.push(bytes('2mok\n'), at(2))).toEqual([
      { raw: new Uint8Array(bytes('\x1b[0;32mok\n')), atUs: 2, offset: 5, isContinuation: true },
    ]);
  });

  test('handed out after a CR own an LF that comes later, and nothing else', () => {
    const splitter = new Lines();
    splitter.push(bytes('a\r'), at(0));
    expect(texts(splitter.flushPause())).toEqual(['a\r']);
    expect(splitter.push(bytes('\nb\r'), at(1))).toMatchObject([{ isContinuation: true }]);
    splitter.flushPause();
    expect(splitter.push(bytes('c\n'), at(2))).toMatchObject([{ isContinuation: false }]);
  });

  test('stay in the chunk they came in; only one that came in pieces is put together', () => {
    const splitter = new LineSplitter();
    const chunk = bytes('abc\nde');
    expect(splitter.push(chunk, 0, chunk.length, at(0), 100)).toMatchObject([{ start: 0, end: 4, offset: 100 }]);
    const [line] = splitter.push(bytes('f\ng'), 0, 3, at(1), 106);
    expect(line).toMatchObject({ offset: 104 });
    expect(line?.chunk.toString('latin1', line.start, line.end)).toBe('def\n');
  });

  /** Bytes that matter to the splitter, far more often than chance would have them. */
  const noisy = fc.array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x1b, 0x5b, 0x6d, 0xe4, 0xbd, 0xa0, 0xf0, 0xff), fc.nat(255)), {
    maxLength: 200,
  });
  const steps = fc.array(fc.oneof(noisy, fc.constant('pause' as const)), { maxLength: 12 });

  test('put together are the input, however it is cut and paused', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 40 }), fc.boolean(), (script, maxLineBytes, isLoneReturnAnEnd) => {
        const splitter = new Lines({ maxLineBytes, isLoneReturnAnEnd });
        const out: RawLine[] = [];
        const input: number[] = [];
        script.forEach((step, index) => {
          if (step === 'pause') out.push(...splitter.flushPause());
          else {
            input.push(...step);
            out.push(...splitter.push(Uint8Array.from(step), at(index)));
          }
        });
        out.push(...splitter.flush());
        expect(Buffer.concat(out.map(({ raw }) => raw)).equals(Buffer.from(input))).toBe(true);
        out.forEach(({ offset }, index) => {
          const before = out[index - 1];
          expect(offset).toBe(before === undefined ? 0 : before.offset + before.raw.length);
        });
        expect(out.every(({ raw }) => raw.length > 0 && raw.length <= maxLineBytes)).toBe(true);
        expect(out.every(({ atUs }, index) => atUs >= (out[index - 1]?.atUs ?? 0))).toBe(true);
        expect(splitter.isPending).toBe(false);
      }),
    );
  });

  test('are the same lines however the stream was cut into chunks', () => {
    fc.assert(
      fc.property(noisy, fc.array(fc.nat(200)), (input, cuts) => {
        const whole = new Lines();
        const pieces = new Lines();
        const expected = [...whole.push(Uint8Array.from(input), at(0)), ...whole.flush()];
        const points = [0, ...cuts.filter((cut) => cut < input.length).sort((a, b) => a - b), input.length];
        const got = points.flatMap((point, index) => pieces.push(Uint8Array.from(input.slice(points[index - 1] ?? 0, point)), at(0)));
        got.push(...pieces.flush());
        expect(texts(got)).toEqual(texts(expected));
      }),
    );
  });
});

describe('a colour reset at the start of the next line', () => {
  const reset = Buffer.from('\x1b[0m');

  test('is not handed out as a line of its own when the board pauses, and the line it begins stays whole', () => {
    const splitter = new Lines();
    expect(splitter.push(Buffer.concat([Buffer.from('INF|1|a.c|f(1): one\r\n'), reset]), 1000 as MonoUs)).toHaveLength(1);
    expect(splitter.flushPause()).toEqual([]);
    const [line] = splitter.push(Buffer.from('INF|900|a.c|f(2): two\r\n'), 900_000 as MonoUs);
    expect(line?.isContinuation).toBe(false);
    expect(Buffer.from(line?.raw ?? []).toString()).toBe('\x1b[0mINF|900|a.c|f(2): two\r\n');
  });

  test('does not make the line as old as the one before', () => {
    const splitter = new Lines();
    splitter.push(Buffer.concat([Buffer.from('one\n'), reset]), 1000 as MonoUs);
    expect(splitter.push(Buffer.from('two\n'), 900_000 as MonoUs)[0]?.atUs).toBe(900_000);
  });

  test('comes out at the end when nothing follows: no byte is lost', () => {
    const splitter = new Lines();
    splitter.push(reset, 1000 as MonoUs);
    expect(splitter.flush().map(({ raw }) => Buffer.from(raw).toString())).toEqual(['\x1b[0m']);
  });
});
