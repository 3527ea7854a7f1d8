// macOS's say as its manual page has it: what it would refuse, this refuses.
import { readFileSync, writeFileSync } from 'node:fs';

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};
const options = { '-v': null, '-r': null, '-f': null, '-o': null };
let [fileFormat, dataFormat] = [null, null];
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word in options) options[word] = words.shift() ?? fail(`say: option requires an argument -- ${word}`);
  else if (word.startsWith('--file-format=')) fileFormat = word.slice(14);
  else if (word.startsWith('--data-format=')) dataFormat = word.slice(14);
  else fail(`say: a message on the command line: ${word}`);
}
const voices = [
  'Alex                en_US    # Most people recognize me by my voice.',
  'Eddy (Chinese (China mainland)) zh_CN    # 你好！我叫Eddy。',
  'Tingting            zh_CN    # 你好！我叫婷婷。',
];
if (options['-v'] === '?') {
  process.stdout.write(`${voices.join('\n')}\n`);
  process.exit(0);
}
if (!voices.some((line) => line.startsWith(`${options['-v']} `))) fail(`Voice \`${options['-v']}' not found.`);
if (!/^\d+$/.test(options['-r'])) fail('say: rate');
if (options['-f'] !== '-') fail(`say: Could not open ${options['-f']}`);
if (fileFormat !== 'WAVE') fail('Opening output file failed: fmt?');
const rate = /^LEI16@(\d+)$/.exec(dataFormat)?.[1] ?? fail('say: data format');
const text = readFileSync(0, 'utf8');
if (/\[\[.*?\]\]/u.test(text)) fail('an order to the synthesiser was obeyed');
if (process.env.SAY_HANGS) setInterval(() => {}, 1000);
else {
  const pcm = Buffer.alloc(2 * Array.from(text).length, 1);
  const header = Buffer.alloc(16 + 20 + 8);
  header.write('RIFF', 0);
  header.writeUInt32LE(header.length + 16 + pcm.length - 8, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(Number(rate), 24);
  header.writeUInt32LE(2 * Number(rate), 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  // The filler that Apple's files have before their samples.
  header.write('FLLR', 36);
  header.writeUInt32LE(8, 40);
  const data = Buffer.alloc(16);
  data.write('data', 8);
  data.writeUInt32LE(pcm.length, 12);
  writeFileSync(options['-o'], Buffer.concat([header, data, pcm]));
}
