import type { OsProgram } from './os-voices.ts';

/** Windows PowerShell takes a script as base64 of UTF-16; it is always the same one, and gets its data on standard input. */
function script(lines: readonly string[]): readonly string[] {
  const encoded = Buffer.from(lines.join('\n'), 'utf16le').toString('base64');
  return ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-EncodedCommand', encoded];
}

const begin = [
  "$ErrorActionPreference = 'Stop'",
  '[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false',
  'Add-Type -AssemblyName System.Speech',
  '$speaker = New-Object System.Speech.Synthesis.SpeechSynthesizer',
];

/** Windows' SAPI voices through System.Speech, whose assembly Windows PowerShell 5 has. */
export const sapiProgram: OsProgram = {
  name: 'powershell.exe',
  listing: {
    args: script([
      ...begin,
      '$speaker.GetInstalledVoices() | Where-Object { $_.Enabled } | ForEach-Object { $_.VoiceInfo.Culture.Name + "`t" + $_.VoiceInfo.Name }',
    ]),
    input: '',
  },
  voicesIn: (output) =>
    output.split(/\r?\n/u).flatMap((line) => {
      const [culture = '', name] = line.split('\t');
      return name === undefined ? [] : [{ id: name, language: culture.split('-')[0] ?? '', label: name }];
    }),
  speaking({ text, voice, speed, path }) {
    // Its rates are -10 to 10, which are a third and three times the voice's own.
    const rate = Math.max(-10, Math.min(10, Math.round((10 * Math.log(speed)) / Math.log(3))));
    return {
      args: script([
        ...begin,
        '$request = [Console]::In.ReadToEnd() | ConvertFrom-Json',
        '$speaker.SelectVoice($request.voice)',
        '$speaker.Rate = $request.rate',
        '$bits = [System.Speech.AudioFormat.AudioBitsPerSample]::Sixteen',
        '$channel = [System.Speech.AudioFormat.AudioChannel]::Mono',
        '$format = New-Object System.Speech.AudioFormat.SpeechAudioFormatInfo 16000, $bits, $channel',
        '$speaker.SetOutputToWaveFile($request.path, $format)',
        '$speaker.Speak($request.text)',
        '$speaker.Dispose()',
      ]),
      input: asciiJson({ text, voice, rate, path }),
    };
  },
};

/** JSON that reads the same in whatever code page the console has. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
