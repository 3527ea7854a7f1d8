import { expect, test } from 'vitest';
import { countWords, isBackchannel } from '../../../../pipeline/turn/words.ts';

test.each([
  ['', 0],
  ['，。！', 0],
  ['今天天气怎么样', 7],
  ['播放 Taylor Swift 的歌', 6],
  ["don't stop", 2],
  ['3.14', 1],
])('%s has %i words: a Chinese sentence is not one word', (text, count) => {
  expect(countWords(text)).toBe(count);
});

test.each(['嗯', '嗯嗯。', '好的', '对，对，对', 'uh-huh', 'Yeah yeah', 'OK.', 'I see', 'mm-hmm'])(
  '"%s" only shows that somebody listens',
  (text) => {
    expect(isBackchannel(text)).toBe(true);
  },
);

test.each(['停', '等一下', '好的但是', 'stop', 'no', 'okay wait', '', '。'])('"%s" is not a backchannel', (text) => {
  expect(isBackchannel(text)).toBe(false);
});

test('a very long hum is judged in no time', () => {
  expect(isBackchannel(`${'嗯'.repeat(3000)}！`)).toBe(true);
  expect(isBackchannel(`${'嗯'.repeat(3000)}停车场`)).toBe(false);
});
