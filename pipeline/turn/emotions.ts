/**
 * How language models mark what a reply is meant like, as data: boards with a face show it, nobody says it. The names and
 * emoji are xiaozhi's (its firmware has a face for each).
 */
export const emotions: readonly { name: string; emoji: string; words: readonly string[] }[] = [
  { name: 'neutral', emoji: '😶', words: ['neutral', 'calm', '平静', '中性', '正常'] },
  { name: 'happy', emoji: '🙂', words: ['happy', 'joy', 'joyful', 'cheerful', 'smile', '开心', '高兴', '快乐', '微笑'] },
  { name: 'laughing', emoji: '😆', words: ['laughing', 'laugh', '大笑', '笑'] },
  { name: 'funny', emoji: '😂', words: ['funny', 'amused', '搞笑', '滑稽'] },
  { name: 'sad', emoji: '😔', words: ['sad', 'sadness', '难过', '悲伤', '伤心'] },
  { name: 'angry', emoji: '😠', words: ['angry', 'anger', '生气', '愤怒'] },
  { name: 'crying', emoji: '😭', words: ['crying', 'cry', '哭', '哭泣', '大哭'] },
  { name: 'loving', emoji: '😍', words: ['loving', 'love', 'affectionate', '喜爱', '爱'] },
  { name: 'embarrassed', emoji: '😳', words: ['embarrassed', 'shy', '害羞', '尴尬'] },
  { name: 'surprised', emoji: '😲', words: ['surprised', 'surprise', '惊讶', '吃惊'] },
  { name: 'shocked', emoji: '😱', words: ['shocked', 'fear', 'scared', '震惊', '害怕', '恐惧'] },
  { name: 'thinking', emoji: '🤔', words: ['thinking', '思考', '疑惑'] },
  { name: 'winking', emoji: '😉', words: ['winking', 'wink', '眨眼'] },
  { name: 'cool', emoji: '😎', words: ['cool', '酷'] },
  { name: 'relaxed', emoji: '😌', words: ['relaxed', 'content', '放松', '轻松'] },
  { name: 'delicious', emoji: '🤤', words: ['delicious', '美味', '馋'] },
  { name: 'kissy', emoji: '😘', words: ['kissy', 'kiss', '亲亲', '飞吻'] },
  { name: 'confident', emoji: '😏', words: ['confident', '自信', '得意'] },
  { name: 'sleepy', emoji: '😴', words: ['sleepy', 'tired', '困', '困倦', '疲惫'] },
  { name: 'silly', emoji: '😜', words: ['silly', 'playful', '调皮', '顽皮'] },
  { name: 'confused', emoji: '🙄', words: ['confused', '困惑', '无语'] },
];

/** How a word is made a tag of. `isLoose`: also ordinary text, so only a known word before anything is said makes it one. */
export const emotionTags: readonly { open: string; close: string; isLoose: boolean }[] = [
  { open: '<emotion:', close: '>', isLoose: false },
  { open: '<emotion>', close: '</emotion>', isLoose: false },
  { open: '[emotion:', close: ']', isLoose: false },
  { open: '[', close: ']', isLoose: true },
  { open: '【', close: '】', isLoose: true },
  { open: '(', close: ')', isLoose: true },
  { open: '（', close: '）', isLoose: true },
];

const nameOf = new Map(emotions.flatMap(({ name, words }) => words.map((word) => [word, name] as const)));
const nameOfEmoji = new Map(emotions.map(({ name, emoji }) => [emoji, name] as const));

/** The name of an emotion that a model wrote in its own word; undefined for another word. */
export function emotionOf(word: string): string | undefined {
  return nameOf.get(word.trim().toLowerCase());
}

/** The emotion an emoji stands for; undefined for other characters. */
export function emotionOfEmoji(character: string): string | undefined {
  return nameOfEmoji.get(character);
}
