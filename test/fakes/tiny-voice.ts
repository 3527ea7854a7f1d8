import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A VITS voice of five operators, for the real library to load and run: it says each token as 1600 samples of a hundredth of its number.
 * Its lexicon knows one word, "hello": tokens 40, 10, 20, 30; "." is 2. The file is ONNX's protobuf (onnx.proto3), written by hand.
 */
export function writeTinyVoice(folder: string): void {
  writeFileSync(join(folder, 'model.onnx'), Uint8Array.from(voice()));
  // The library looks up the space between words too, and hangs when there is none.
  writeFileSync(join(folder, 'tokens.txt'), '_ 0\n  5\n, 1\n. 2\n! 3\n? 4\nAH 10\nL 20\nOW 30\nHH 40\n');
  writeFileSync(join(folder, 'lexicon.txt'), 'hello HH AH L OW\n');
}

const FLOAT = 1;
const INT64 = 7;

function voice(): number[] {
  const nodes = [
    node('Cast', ['x'], 'asFloat', field(5, [...field(1, 'to'), ...field(3, FLOAT), ...field(20, 2)])),
    node('Div', ['asFloat', 'hundred'], 'scaled'),
    node('Reshape', ['scaled', 'column'], 'columns'),
    node('Expand', ['columns', 'wide'], 'widened'),
    node('Reshape', ['widened', 'row'], 'y'),
  ];
  const constants = [
    tensor('hundred', FLOAT, [], Float32Array.of(100)),
    tensor('column', INT64, [2], BigInt64Array.of(-1n, 1n)),
    tensor('wide', INT64, [2], BigInt64Array.of(1n, 1600n)),
    tensor('row', INT64, [3], BigInt64Array.of(1n, 1n, -1n)),
  ];
  const inputs = [
    value('x', INT64, [1, 'tokens']),
    value('x_length', INT64, [1]),
    ...['noise_scale', 'length_scale', 'noise_scale_w'].map((name) => value(name, FLOAT, [1])),
  ];
  const graph = [
    ...nodes.flatMap((each) => field(1, each)),
    ...field(2, 'tiny'),
    ...constants.flatMap((each) => field(5, each)),
    ...inputs.flatMap((each) => field(11, each)),
    ...field(12, value('y', FLOAT, [1, 1, 'samples'])),
  ];
  const facts = {
    ...{ model_type: 'vits', comment: 'ljspeech', language: 'English', add_blank: '0', n_speakers: '0' },
    ...{ sample_rate: '16000', punctuation: ', . ! ?', version: '1' },
  };
  return [
    ...field(1, 8), // IR version
    ...field(7, graph),
    ...field(8, [...field(1, ''), ...field(2, 13)]), // operators of set 13
    ...Object.entries(facts).flatMap(([key, fact]) => field(14, [...field(1, key), ...field(2, fact)])),
  ];
}

function node(operator: string, inputs: readonly string[], output: string, attributes: readonly number[] = []): number[] {
  return [...inputs.flatMap((input) => field(1, input)), ...field(2, output), ...field(3, output), ...field(4, operator), ...attributes];
}

function tensor(name: string, type: number, dimensions: readonly number[], data: Float32Array | BigInt64Array): number[] {
  return [
    ...dimensions.flatMap((size) => field(1, size)),
    ...field(2, type),
    ...field(8, name),
    ...field(9, [...new Uint8Array(data.buffer)]),
  ];
}

function value(name: string, type: number, dimensions: readonly (number | string)[]): number[] {
  const shape = dimensions.flatMap((size) => field(1, typeof size === 'string' ? field(2, size) : field(1, size)));
  return [...field(1, name), ...field(2, field(1, [...field(1, type), ...field(2, shape)]))];
}

/** A protobuf field: a varint, or bytes with their length. */
function field(number: number, content: number | string | readonly number[]): number[] {
  if (typeof content === 'number') return [...varint(number * 8), ...varint(content)];
  const bytes = typeof content === 'string' ? [...Buffer.from(content)] : content;
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

function varint(number: number): number[] {
  return number < 128 ? [number] : [(number % 128) + 128, ...varint(Math.floor(number / 128))];
}
