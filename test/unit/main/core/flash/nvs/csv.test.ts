import { describe, expect, test } from 'vitest';
import { parseNvsCsv } from '../../../../../../main/core/flash/nvs/csv.ts';
import { isTalkError } from '../../../../../../preload/contract/talk-error.ts';

const header = 'key,type,encoding,value\n';
const parse = (lines: string) => parseNvsCsv(header + lines);
const values = (lines: string) => parse(`n,namespace,,\n${lines}`).map(({ key, type, value }) => [key, type, value]);

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (isTalkError(error)) return { code: error.code, ...error.value.data };
    throw error;
  }
  return null;
}

describe('a generator’s CSV', () => {
  test('may have its columns in any order, Windows line ends and a byte order mark', () => {
    expect(parseNvsCsv('\ufeffvalue,key,encoding,type\r\n,n,,namespace\r\n7,k,u8,data\r\n')).toEqual([
      { namespace: 'n', key: 'k', type: 'u8', value: '7' },
    ]);
  });

  test('quotes as a spreadsheet does; a mark within a value is itself, and what stands beyond the columns is left out', () => {
    expect(values('a,data,string,"x,""y""\nz"\nb,data,string,p@ss"word,1\nc,data,string, kept \n')).toEqual([
      ['a', 'string', 'x,"y"\nz'],
      ['b', 'string', 'p@ss"word'],
      ['c', 'string', ' kept '],
    ]);
  });

  test('has comments and empty lines, and lines of nothing but commas', () => {
    expect(values('# note\n\na,data,u8,1\n,,,\n#b,data,u8,2\n')).toEqual([['a', 'u8', '1']]);
  });

  test('saved in a spreadsheet’s own encoding is refused at its line, and not for its comments', () => {
    const gbk = new TextDecoder().decode(Uint8Array.of(0xb9, 0xa4, 0xb3, 0xa7));
    expect(failure(() => parse(`# ${gbk}\nn,namespace,,\nssid,data,string,${gbk}\n`))).toMatchObject({
      code: 'nvs/bad-csv',
      line: 4,
      reason: 'not-utf8',
    });
    expect(values(`# ${gbk}\na,data,string,工厂\n`)).toEqual([['a', 'string', '工厂']]);
  });

  test('knows every encoding of the generator, in any case', () => {
    expect(
      values(
        'a,data,U16,1\nb,data,hex2bin,00FF\nc,data,base64,AP8=\nd,data,binary,é\ne,data,blob_fill(4;0x20),ab\nf,data,blob_sz_fill(4;0xff),ab\n',
      ),
    ).toEqual([
      ['a', 'u16', '1'],
      ['b', 'hex', '00FF'],
      ['c', 'base64', 'AP8='],
      ['d', 'hex', 'c3a9'],
      ['e', 'hex', '61622020'],
      ['f', 'hex', '020000006162ffff'],
    ]);
  });

  test('leaves values with ${variables} for later', () => {
    expect(values('port,data,u16,${mqtt_port}\n')).toEqual([['port', 'u16', '${mqtt_port}']]);
  });

  test('reads files where it is given them', () => {
    const files: Record<string, Uint8Array> = { 'a.bin': Uint8Array.of(0, 255), 'a.txt': Buffer.from('é') };
    const text = `${header}n,namespace,,\nb,file,binary,a.bin\ns,file,string,a.txt\n`;
    expect(parseNvsCsv(text, (path) => files[path] ?? null).map(({ value }) => value)).toEqual(['00ff', 'é']);
    expect(failure(() => parseNvsCsv(text, () => null))).toMatchObject({ line: 3, reason: 'file-unreadable' });
    expect(failure(() => parseNvsCsv(`${header}n,namespace,,\ns,file,string,a.bin\n`, (path) => files[path] ?? null))).toMatchObject({
      reason: 'file-not-text',
      encoding: 'string',
    });
  });

  const bad: [string, string, number, string, Record<string, unknown>?][] = [
    ['an empty one', '', 1, 'empty'],
    ['one without a header', 'n,namespace,,\n', 1, 'no-column', { column: 'key' }],
    ['a value before a namespace', `${header}k,data,u8,1\n`, 2, 'before-namespace'],
    ['a key twice', `${header}n,namespace,,\nk,data,u8,1\n# one\nk,data,u8,2\n`, 5, 'key-twice', { key: 'k', namespace: 'n' }],
    ['an unknown encoding', `${header}n,namespace,,\nk,data,float,1\n`, 3, 'unknown-encoding', { encoding: 'float' }],
    ['an unknown type', `${header}n,namespace,,\nk,dta,u8,1\n`, 3, 'unknown-type', { type: 'dta' }],
    ['no encoding', `${header}n,namespace,,\nk,data,,1\n`, 3, 'no-encoding'],
    ['no value', `${header}n,namespace,,\nk,data,u8\n`, 3, 'no-value'],
    ['a file', `${header}n,namespace,,\nk,file,binary,a.bin\n`, 3, 'files-not-read'],
    ['an open quotation mark', `${header}n,namespace,,\n# one\nk,data,string,"geheim\n`, 4, 'quotation-mark'],
    ['more than a length says', `${header}n,namespace,,\nk,data,blob_fill(2;0x00),abc\n`, 3, 'longer-than-said', { saidBytes: 2 }],
  ];
  test.each(bad)('refuses %s', (_what, text, line, reason, facts = {}) => {
    expect(failure(() => parseNvsCsv(text))).toEqual({ code: 'nvs/bad-csv', line, reason, ...facts });
  });

  test('says which line has a wrong value, and not what it is', () => {
    const error = failure(() => parse('n,namespace,,\npsk,data,u8,hunter2\n'));
    expect(error).toEqual({ code: 'nvs/bad-value', namespace: 'n', key: 'psk', reason: 'not-a-number', type: 'u8', line: 3 });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});
