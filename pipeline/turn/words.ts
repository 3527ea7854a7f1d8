const unit = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:['’.-](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu;

/** Speech units of a text: each Han character counts one, each word of another script one, punctuation none. */
export function countWords(text: string): number {
  return text.match(unit)?.length ?? 0;
}

/** What people say to show they listen, as heard whole. Not the short commands ("停", "stop"), which do interrupt. */
const backchannels = new Set(
  [
    '嗯 嗯嗯 嗯哼 哦 喔 噢 啊 呃 额 唔 对 对对 对对对 对的 对啊 好 好的 好啊 好好 好吧 行 行吧 可以 是 是的 是啊 是吗 没错 这样 这样啊 明白 明白了 知道了 原来如此',
    'uh um hm hmm mm mhm mmhm uhhuh mmhmm ah oh ok okay right yeah yep yes yup sure isee gotit aha really alright',
  ].flatMap((line) => line.split(' ')),
);

/** Whether the whole text is only a listener's signal ("嗯", "好的", "uh-huh"), also said several times over. */
export function isBackchannel(text: string): boolean {
  const parts = text.toLowerCase().split(/[\s,，.。!！?？、;；~～…]+/u);
  const phrases = parts.map((part) => part.replaceAll(/[^\p{L}\p{N}]/gu, '')).filter((part) => part !== '');
  if (phrases.length === 0) return false;
  return phrases.every((phrase) => backchannels.has(phrase)) || backchannels.has(phrases.join(''));
}
