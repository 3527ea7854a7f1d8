const unit = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:['’.-](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu;

/** Speech units of a text: each Han character counts one, each word of another script one, punctuation none. */
export function countWords(text: string): number {
  return text.match(unit)?.length ?? 0;
}

const listed = (...lines: string[]) => new Set(lines.flatMap((line) => line.split(' ')));

/** What people say to show they listen, as heard whole. Not the short commands ("停", "stop"), which do interrupt. */
const backchannels = listed(
  '嗯 嗯嗯 嗯哼 哦 喔 噢 啊 呃 额 唔 对 对对 对对对 对的 对啊 好 好的 好啊 好好 好吧 行 行吧 可以 是 是的 是啊 是吗 没错 这样 这样啊 明白 明白了 知道了 原来如此',
  'uh um hm hmm mm mhm mmhm uhhuh mmhmm ah oh ok okay right yeah yep yes yup sure isee gotit aha really alright',
);

/** What people say while they look for words: alone it means nothing yet. Longest first, so that 那个那个 is two. */
const fillers = listed(
  '就是说 那个 这个 那什么 就是 然后 嗯 呃 额 啊 唔 诶 哎 那',
  'youknow imean uhm erm umm um uh er hmm hm mm like well so',
);
const fillerStart = new RegExp(`^(?:${[...fillers].toSorted((a, b) => b.length - a.length).join('|')})`, 'u');

/** Commands that stop whoever speaks, however short they are. */
const commands = listed(
  '停 停停 停停停 停下 停下来 停一下 停止 别说 别说了 不要说了 别讲了 别念了 闭嘴 安静 打住 暂停 等 等等 等一下 等会 等会儿 等一会 且慢 够了 不用了 不用说了 算了 取消',
  'stop stopit stopstop wait waitwait waitaminute waitasecond holdon hangon shutup quiet bequiet pause enough thatsenough cancel silence',
);
const politeness = /^(?:小助手|你|请|please|hey|ok|okay|no)|(?:吧|啊|呀|了|please|now)$/gu;

/** The phrases of a text between punctuation, letters and digits only. */
function phrasesOf(text: string): string[] {
  const parts = text.toLowerCase().split(/[\s,，.。!！?？、;；~～…]+/u);
  return parts.map((part) => part.replaceAll(/[^\p{L}\p{N}]/gu, '')).filter((part) => part !== '');
}

/** Whether the text is nothing but such words, written together or not; in steps, for a pattern would try every way to divide it. */
function isMadeOf(text: string, among: ReadonlySet<string>): boolean {
  const reached = new Set([0]);
  for (let at = 0; at < text.length; at += 1) {
    if (!reached.has(at)) continue;
    for (const word of among) if (text.startsWith(word, at)) reached.add(at + word.length);
  }
  return text !== '' && reached.has(text.length);
}

/** Whether the whole text is only a listener's signal ("嗯", "好的", "uh-huh"), also said several times over; `more`: further ones. */
export function isBackchannel(text: string, more: readonly string[] = []): boolean {
  const phrases = phrasesOf(text);
  if (phrases.length === 0) return false;
  const further = new Set(more.map((phrase) => phrasesOf(phrase).join('')));
  const isOne = (phrase: string) => isMadeOf(phrase, backchannels) || further.has(phrase);
  return phrases.every(isOne) || isOne(phrases.join(''));
}

/** The text without what people say while they look for words at its beginning and in between: '嗯…那个' is nothing. */
export function withoutFillers(text: string): string {
  const said = phrasesOf(text);
  if (isMadeOf(said.join(''), fillers)) return '';
  const phrases = said.map((phrase) => (fillers.has(phrase) ? '' : stripped(phrase)));
  return phrases.filter((phrase) => phrase !== '').join(' ');
}

/** Han text is not spaced: fillers at its beginning are taken off one after the other. */
function stripped(phrase: string): string {
  if (!/\p{Script=Han}/u.test(phrase)) return phrase;
  let rest = phrase;
  while (fillerStart.test(rest)) rest = rest.replace(fillerStart, '');
  return rest;
}

/** Whether there is nothing but looking for words ("嗯…那个", "um, well"). */
export function isFiller(text: string): boolean {
  return phrasesOf(text).length > 0 && withoutFillers(text) === '';
}

/** Whether the whole text tells the speaker to stop ("停", "等一下", "hold on"). */
export function isStopCommand(text: string): boolean {
  const phrases = phrasesOf(text);
  const bare = phrases
    .map((phrase) => (commands.has(phrase) ? phrase : phrase.replaceAll(politeness, '')))
    .filter((phrase) => phrase !== '');
  if (bare.length === 0) return false;
  return commands.has(phrases.join('')) || commands.has(bare.join('')) || bare.every((phrase) => commands.has(phrase));
}

/** Parts of one turn as one text: Han text is joined without a space. */
export function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(/\p{Script=Han}/u.test(parts.join('')) ? '' : ' ');
}
