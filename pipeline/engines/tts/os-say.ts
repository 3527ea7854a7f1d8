import type { OsProgram } from './os-voices.ts';

const WORDS_PER_MINUTE = 175;

/** macOS's `say` (its manual page): the text on standard input, a WAV into a file. */
export const sayProgram: OsProgram = {
  name: 'say',
  listing: { args: ['-v', '?'], input: '' },
  /** `Tingting            zh_CN    # 你好！我叫婷婷。`, names with spaces and brackets among them. */
  voicesIn: (output) =>
    output.split('\n').flatMap((line) => {
      const [, name, locale] = /^(.+?)\s+([a-z]{2,3})[_-]\w+\s+#/u.exec(line) ?? [];
      return name === undefined || locale === undefined ? [] : [{ id: name, language: locale, label: name }];
    }),
  speaking({ text, voice, speed, path }) {
    const rate = Math.round(Math.min(500, Math.max(60, WORDS_PER_MINUTE * speed)));
    return {
      args: ['-v', voice, '-r', String(rate), '-f', '-', '-o', path, '--file-format=WAVE', '--data-format=LEI16@22050'],
      // [[…]] are orders to the synthesiser: a reply must not change its voice or be silent for an hour.
      input: text.replaceAll(/\[{2,}/gu, '[').replaceAll(/\]{2,}/gu, ']'),
    };
  },
};
