import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtLines, type AtToken } from '../../../../../main/core/at/lines.ts';

function tokens(lines: AtLines, ...chunks: string[]): string[] {
  return chunks.flatMap((chunk) => [...lines.push(Buffer.from(chunk, 'latin1'))].map(shown));
}

function shown(token: AtToken): string {
  switch (token.kind) {
    case 'line':
      return `${token.isResultCode ? 'result' : 'line'} ${token.text}`;
    case 'prompt':
      return 'prompt';
    case 'data':
      return `data ${Buffer.from(token.bytes).toString('latin1')}`;
    case 'hang-up':
      return `hang-up ${token.text}`;
  }
}

/** Data arrive in whatever pieces; together they are what counts. */
function joined(list: readonly string[]): string[] {
  const result: string[] = [];
  for (const each of list) {
    const last = result.at(-1);
    if (each.startsWith('data ') && last?.startsWith('data ') === true) result[result.length - 1] = last + each.slice(5);
    else result.push(each);
  }
  return result;
}

describe('lines', () => {
  test('CR, LF, CR LF and CR CR LF end one; blank ones and NULs do not count', () => {
    expect(tokens(new AtLines(), '\0\r\nOK\r\n\r\nAT\r\r\n+CSQ: 1,2\nend\r')).toEqual(['line OK', 'line AT', 'line +CSQ: 1,2', 'line end']);
  });

  test('what is no modem does not fill the memory', () => {
    const [first] = [...new AtLines().push(Buffer.alloc(100_000, 0x41))];
    expect(first?.kind === 'line' && first.text.length).toBe(8192);
  });

  test('words of operators and messages may be any UTF-8, cut anywhere', () => {
    const text = Buffer.from('+COPS: 0,0,"中国移动",7\r\n');
    const lines = new AtLines();
    expect([...lines.push(text.subarray(0, 13)), ...lines.push(text.subarray(13))].map(shown)).toEqual(['line +COPS: 0,0,"中国移动",7']);
  });

  test('a prompt is one only while a command runs', () => {
    const lines = new AtLines();
    expect(tokens(lines, '\r\n> ok\r\n')).toEqual(['line > ok']);
    lines.mayPrompt = true;
    expect(tokens(lines, '\r\n> ', 'ok\r\n')).toEqual(['prompt', 'line ok']);
    expect(tokens(lines, '>', 'abc\r\n')).toEqual(['line >abc']);
    expect(tokens(lines, '\r\n>')).toEqual([]);
    expect(lines.isUndecided).toBe(true);
    expect([...lines.quiet()].map(shown)).toEqual(['prompt']);
    // Cut or not, with NULs between.
    expect(tokens(lines, '\0>\0 ok\r\n', '>', '\0', '\0 ok\r\n')).toEqual(['prompt', 'line ok', 'prompt', 'line ok']);
  });

  test('with ATV0 the byte after the CR tells a result from an answer', () => {
    const lines = new AtLines();
    lines.isNumeric = true;
    expect(tokens(lines, '1\r\n0\r', '\r\n4\r')).toEqual(['line 1', 'result 0']);
    expect([...lines.quiet()].map(shown)).toEqual(['result 4']);
  });

  test('data mode ends with the call, wherever the chunks are cut', () => {
    const stream = 'x\r\nOK\r\ny\r\nNO CARRIER\r\nRING\r\n';
    for (let cut = 1; cut < stream.length; cut++) {
      const lines = new AtLines();
      lines.enterData();
      const list = joined(tokens(lines, stream.slice(0, cut), stream.slice(cut)));
      // The bytes of the message itself may have been handed on before it was whole.
      expect(list.at(0)).toMatch(/^data x\r\nOK\r\ny/);
      expect(list.slice(1)).toEqual(['hang-up NO CARRIER', 'line RING']);
      expect(lines.isData).toBe(false);
    }
  });
});

test('however a stream is cut, the same lines come out of it', () => {
  const alphabet = fc.constantFrom('A', '0', '4', '>', ' ', '\r', '\n', '\r\n', '+X: 1', 'OK', '\0', '中');
  fc.assert(
    fc.property(
      fc.array(alphabet, { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      fc.boolean(),
      (parts, sizes, mayPrompt, isNumeric) => {
        const bytes = Buffer.from(parts.join(''));
        const [whole, cut] = [new AtLines(), new AtLines()];
        for (const lines of [whole, cut]) Object.assign(lines, { mayPrompt, isNumeric });
        const expected = [...whole.push(bytes)].map(shown);
        const actual: string[] = [];
        for (let from = 0, at = 0; from < bytes.length; at++) {
          const to = from + (sizes[at % sizes.length] ?? 1);
          actual.push(...[...cut.push(bytes.subarray(from, to))].map(shown));
          from = to;
        }
        expect(actual).toEqual(expected);
      },
    ),
  );
});
