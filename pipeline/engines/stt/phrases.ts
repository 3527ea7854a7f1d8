/** A sentence the phrase recogniser can be asked to know. */
export interface Phrase {
  text: string;
  language: 'zh' | 'en';
}

function inLanguage(language: Phrase['language'], texts: readonly string[]): Phrase[] {
  return texts.map((text) => ({ text, language }));
}

/** What the demo and the scripted agent are asked, so that they can be talked to with nothing set up. */
export const builtInPhrases: readonly Phrase[] = [
  ...inLanguage('en', [
    'hello',
    'what time is it',
    'what is the date today',
    'what is the weather like today',
    'set the volume to fifty',
    'turn the volume up',
    'turn the volume down',
    'how much battery is left',
    'set an alarm for seven',
    'set a timer for one minute',
    'call mom',
    'turn on the light',
    'turn off the light',
    'tell me a story',
    'tell me a joke',
    'count to twenty',
    'say that again',
    'thank you',
    'stop',
    'goodbye',
  ]),
  ...inLanguage('zh', [
    '你好',
    '现在几点',
    '今天几号',
    '今天天气怎么样',
    '把音量调到五十',
    '声音大一点',
    '声音小一点',
    '还有多少电',
    '定一个七点的闹钟',
    '定一个一分钟的倒计时',
    '给妈妈打电话',
    '把灯打开',
    '把灯关掉',
    '给我讲个故事',
    '讲个笑话',
    '数到二十',
    '再说一遍',
    '谢谢',
    '停',
    '再见',
  ]),
];
