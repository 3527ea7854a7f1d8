// Windows PowerShell as far as our script goes: it has to be the whole of the command line, and its data come on standard input.
import { readFileSync, writeFileSync } from 'node:fs';

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};
const [profile, interactive, policy, bypass, option, encoded, ...more] = process.argv.slice(2);
if ([profile, interactive, policy, bypass, option].join(' ') !== '-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand')
  fail('arguments');
if (more.length > 0) fail('more arguments');
const script = Buffer.from(encoded, 'base64').toString('utf16le');
if (!script.startsWith("$ErrorActionPreference = 'Stop'")) fail('not UTF-16');
if (!script.includes('Add-Type -AssemblyName System.Speech')) fail('Unable to find type [System.Speech.Synthesis.SpeechSynthesizer].');
if (script.includes('GetInstalledVoices')) {
  process.stdout.write('en-US\tMicrosoft Zira Desktop\r\nzh-CN\tMicrosoft Huihui Desktop\r\n');
  process.exit(0);
}
const input = readFileSync(0);
// A console's code page is anything: only ASCII comes through unharmed.
if (input.some((byte) => byte > 0x7e)) fail('Invalid JSON primitive');
const request = JSON.parse(input.toString('latin1'));
if (!/^Microsoft (Zira|Huihui) Desktop$/.test(request.voice))
  fail('Cannot set voice. No matching voice is installed or the voice was disabled.');
if (!Number.isInteger(request.rate) || Math.abs(request.rate) > 10) fail('Rate');
const pcm = Buffer.alloc(2 * request.text.length, 2);
const header = Buffer.alloc(44);
header.write('RIFF', 0);
header.writeUInt32LE(36 + pcm.length, 4);
header.write('WAVEfmt ', 8);
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20);
header.writeUInt16LE(1, 22);
header.writeUInt32LE(16_000, 24);
header.writeUInt32LE(32_000, 28);
header.writeUInt16LE(2, 32);
header.writeUInt16LE(16, 34);
header.write('data', 36);
header.writeUInt32LE(pcm.length, 40);
writeFileSync(request.path, Buffer.concat([header, pcm]));
