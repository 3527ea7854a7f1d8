import type { LanguageRules } from '../completeness-rules.ts';

const digits = '[零〇一二三四五六七八九两幺\\d]';
const before = (lines: string) => `(?:${lines.trim().split(/\s+/u).join('|')})`;

const shortAnswers = before(`
  是 是的 对 对的 对对 好 好的 好好 行 可以 没有 有 不是 不 不要 不用 不行 不好 不对 不可以 要 想 会 能 嗯 嗯嗯 没错 当然 当然可以 谢谢 谢谢你 再见 拜拜 你好 您好 早上好
  晚上好 晚安 知道 明白 算 停 停止 停下 等一下 等等 暂停 继续 取消 确认 确定 退出 开始 没事 没关系 随便 都可以 都行 不知道 不清楚 不一定 两个都要 下一首 上一首 大声点 小声点
`);

/** What nobody ends with. */
const conjunctions = before(`
  和 跟 与 或者 或 还是 还有 以及 然后 但是 但 可是 不过 而且 因为 所以 如果 要是 假如 虽然 尽管 除了 比如 比如说 例如 并且 接着 另外 的话 其实 首先 其次 第一 第二 甚至 只要 只有 无论 不管
  即使 从 把 被 向 往 对于 关于 为了 由于 根据 按照 通过 以后 之后 之前 以前 的时候 同时 一边 一方面 不但 不仅 既 又 也 还 都 就 才 再 先 最 更 非常 特别 已经 正在 一个 一种 一些 这些 那些 每个
`);
const openings = before(`
  我想 我要 我想要 我觉得 我认为 我希望 我打算 我准备 我需要 我应该 我可能 我听说 我记得 帮我 请帮我 帮忙 给我 让我 叫我 请 请你 请问 麻烦 麻烦你 能不能 可不可以 可以帮我 能帮我 你能 你能不能
  你可以 你知道 你觉得 我的意思是 意思是 问题是 主要是 我叫 我在 我是 他是 这是 那是 他说 她说 他们 我们 你们 想问 想问一下 我想问 我想问一下 我想知道 提醒我 告诉我 叫醒我
`);
const openVerbs = before(`
  调到 调成 设置成 设置为 设为 设成 换成 改成 变成 翻译成 导航到 导航去 打电话给 发消息给 发给 送给 交给 放在 放到 住在 位于 属于 叫做 等于 大于 小于 加上 减去 乘以 除以 搜索 推荐 介绍 播放一首
  查一下 找一下 打开 播放 设置
`);
const fillers = before('嗯 呃 额 唔 那个 这个 就是 就是说 那什么 怎么说呢 怎么讲 叫什么来着 我想想 让我想想 等我想想 诶');

const questionEnds = before(`
  什么 谁 哪里 哪儿 哪个 哪些 哪一个 哪天 哪一天 哪年 多少 多少钱 几点 几点了 几号 几月 几岁 几个 几天 几 怎么样 怎样 怎么办 为什么 干什么 干嘛 怎么走 怎么做 怎么去 怎么用 怎么写 怎么读 怎么弄 怎么回事 如何
  多久 多远 多大 多高 多重 多长时间 多长 什么时候 什么意思 什么样
`);
const verbs = before(`
  打开 关闭 关掉 关上 播放 放一首 放首 放点 放 暂停 停止 设置 设定 设 定一个 定个 调到 调高 调低 调大 调小 调 提高 降低 增加 减少 切换到 切换 换一个 换个 换 播 唱一首 唱首 唱 讲一个 讲个 讲讲 讲 说一个 说说 读 念
  告诉我 提醒我 叫醒我 叫我 查一下 查询 查查 查 搜索 搜一下 找一下 找 导航到 导航去 打电话给 打给 发 翻译一下 翻译 记录 记一下 记住 删除 取消 订 买 点 推荐 介绍一下 介绍 解释一下 解释 算一下 算 去 看 听 写一首 写 背 关 开
`);
/** Words that only begin like a verb that commands. */
const noCommand = '(?!听说|看来|看起来|看到|听到|发现|发生|说实话|关于|开心|开始|放心|记得|去年|去过|[买看听写讲说读学唱放](?:的|了|过))';
const beforeCommand = '(?:请你?|麻烦你?|帮我|给我|帮忙|你|我想要?|我要|再|先|快|现在|马上|那|可以)*';

/** Mandarin, as recognisers write it: mostly without punctuation. */
export const chinese: LanguageRules = {
  rules: [
    { reason: 'short-answer', probability: 0.95, pattern: new RegExp(`^${shortAnswers}(?:了|啊|呀|吧|呢|哦|的|啦)?$`, 'u') },
    {
      reason: 'enumerating',
      probability: 0.2,
      pattern: /^(?:第一|首先|一方面|一来|一是|其一)(?!.*(?:第二|其次|另一方面|二来|二是|其二|然后|最后)).+$/u,
    },
    {
      reason: 'tag-question',
      probability: 0.95,
      pattern: /.{2,}(?:是不是|对不对|好不好|行不行|可不可以|可以吗|好吗|行吗|对吗|是吗|有没有)$/u,
    },
    { reason: 'and-then', probability: 0.9, pattern: /^(?:然后|还有|所以|后来|那)呢$/u },
    { reason: 'trailing-filler', probability: 0.1, pattern: new RegExp(`${fillers}$`, 'u') },
    { reason: 'trailing-conjunction', probability: 0.1, pattern: new RegExp(`${conjunctions}$`, 'u') },
    { reason: 'opening', probability: 0.1, pattern: new RegExp(`^(?:.{0,6})?${openings}$`, 'u') },
    {
      reason: 'command',
      probability: 0.9,
      pattern: /[把将].+(?:打开|关闭|关掉|关上|关了|开开|调高|调低|调大|调小|删除|删掉|取消|停掉|暂停|收起来)(?:一点|一下|吧|了)?$/u,
    },
    { reason: 'open-verb', probability: 0.15, pattern: new RegExp(`${openVerbs}$`, 'u') },
    { reason: 'trailing-copula', probability: 0.15, pattern: /.是$/u },
    // A verb that wants an object, a place to come to, somebody to do it with, a measure without its thing.
    {
      reason: 'open-verb',
      probability: 0.15,
      pattern: /(?:改|调|推迟|提前|挪|移|换|放|送|寄|搬|开|转|拨|定|设|加|降|升|倒|跳|派|存|翻)到$/u,
    },
    {
      reason: 'open-verb',
      probability: 0.2,
      pattern: /(?<![不没也都]|(?<!特)别)(?:喜欢|想要?|要|打算|爱|准备)(?:吃|喝|看|听|玩|学|买|做|去|找|用|问|说|读|写)$/u,
    },
    { reason: 'open-verb', probability: 0.2, pattern: /(?:提醒|打算|准备|计划|想|要).*(?:点|月|天|周|年|号|午|上)(?:去|来|到|回)$/u },
    { reason: 'open-verb', probability: 0.15, pattern: /.{2,}(?:我|你|他|她|们)(?:想|打算|准备|应该|希望|觉得|认为|需要|必须|得)$/u },
    { reason: 'open-verb', probability: 0.15, pattern: /(?:个|种|位|些)(?:可以|能|会|有|是|叫)$/u },
    {
      reason: 'open-verb',
      probability: 0.15,
      pattern: /.{2,}(?:(?<!不)应该|才能|才会|准备|打算|像|听说过|(?<!很)一直想|是想|(?:最近|一直|正|都|目前)在)$/u,
    },
    { reason: 'open-verb', probability: 0.15, pattern: /(?:跟|对|和|告诉|消息|短信|通知).*说$/u },
    {
      reason: 'open-verb',
      probability: 0.2,
      pattern: /给(?!我).{1,6}(?:买|送|写|发|打|订)$|给我[^买送写发打订]{1,5}(?:买|送|写|发|打|订)$/u,
    },
    { reason: 'open-object', probability: 0.2, pattern: /把[^打关开调放拿给删取设改]{1,8}的.{1,2}$/u },
    { reason: 'open-subject', probability: 0.3, pattern: /^(?:我|你|他|她)最.{1,3}的.{1,4}$/u },
    {
      reason: 'open-partner',
      probability: 0.15,
      pattern: /(?:跟|和|与|替|比|被|把|向|(?<![还打发递交送拿借卖])给)(?:我|你|他|她|它|大家)们?$/u,
    },
    {
      reason: 'open-partner',
      probability: 0.25,
      pattern:
        /(?:和|跟|与)(?:(?:我|你|他|她)们?的?)?(?:朋友|同学|同事|家人|爸爸?|妈妈?|爸妈|老公|老婆|[男女]朋友|孩子|客户|老板|老师|女儿|儿子)$/u,
    },
    {
      reason: 'open-measure',
      probability: 0.2,
      pattern: /(?<![来等再])[一两几这那每](?:只|本|张|条|把|杯|位|件|台|辆|家|份|首|部|双|瓶|朵|座|群|堆|片|间|棵|块)$/u,
    },
    // The reason alone: it may be the answer to a question, so the wait is not the longest.
    { reason: 'open-reason', probability: 0.35, pattern: /^(?:因为|由于)(?!.*(?:所以|因此|就|才|结果|我想|我要)).+[^吧啊呀嘛]$/u },
    { reason: 'command', probability: 0.88, pattern: /^(?:关|开)(?:灯|门|窗|机|空调|电视|音乐)$/u },
    { reason: 'from-without-to', probability: 0.15, pattern: /从[^到]{1,8}到?$/u },
    { reason: 'number', probability: 0.9, pattern: new RegExp(`(?:${digits}\\s?){11,}$`, 'u') },
    {
      reason: 'number-dictated',
      probability: 0.15,
      pattern: new RegExp(`(?:^|号码?是?|电话是?|手机是?|码是?|卡号是?|密码是?)(?:${digits}\\s?){2,10}$`, 'u'),
    },
    {
      reason: 'open-condition',
      probability: 0.2,
      pattern: /^(?:如果|要是|假如|万一)(?!.*(?:就|那|会|怎么|吗|该|可以|要不要|什么|请|帮)).+$/u,
    },
    { reason: 'open-concession', probability: 0.2, pattern: /^(?:虽然|尽管)(?!.*(?:但|可是|不过|还是|却)).+$/u },
    { reason: 'open-pair', probability: 0.2, pattern: /(?:不但|不仅|不光)(?!.*(?:而且|还|也|更)).+$/u },
    { reason: 'open-pair', probability: 0.25, pattern: /(?:^|我|你|他|她)一边(?!.*一边.*一边)(?!.+一边).+$/u },
    { reason: 'open-pair', probability: 0.25, pattern: /(?:只要|只有|一旦|无论|不管|即使|除了)(?!.*(?:就|才|都|也|还|没有)).+$/u },
    { reason: 'question-particle', probability: 0.95, pattern: /(?:吗|么|嘛)$/u },
    { reason: 'question-particle', probability: 0.92, pattern: /.呢$/u },
    { reason: 'final-particle', probability: 0.9, pattern: /(?:吧|啊|呀|啦|哦|喔|咯|喽|哇|哈|哎)$/u },
    { reason: 'question', probability: 0.92, pattern: new RegExp(`${questionEnds}$`, 'u') },
    { reason: 'question', probability: 0.85, pattern: /(?:为什么|怎么才?能|如何|怎么).{2,}/u },
    { reason: 'question', probability: 0.85, pattern: /(?:什么|谁|哪里|哪儿|哪个|多少|几).{1,}/u },
    { reason: 'question-form', probability: 0.9, pattern: /([\p{Script=Han}])(?:不|没)\1.+|有没有.+|是否.+|还是.{1,}/u },
    { reason: 'shi-de', probability: 0.75, pattern: /是.{2,}的$/u },
    { reason: 'trailing-de', probability: 0.2, pattern: /的$/u },
    {
      reason: 'number-unit',
      probability: 0.85,
      pattern: /[零一二三四五六七八九十百千两半\d](?:点钟?|分钟?|小时|天|度|块钱?|元|个|次|遍|米|公里|岁|号|月|年|秒|百分之.+|%)(?:半)?$/u,
    },
    { reason: 'set-to', probability: 0.85, pattern: /(?:到|成|为)(?:百分之)?[零一二三四五六七八九十百千两半\d]+$/u },
    { reason: 'command', probability: 0.88, pattern: new RegExp(`^${beforeCommand}${noCommand}${verbs}.{2,}$`, 'u') },
    { reason: 'final-le', probability: 0.85, pattern: /.了$/u },
    { reason: 'result', probability: 0.8, pattern: /(?:一下|一点|一会儿?|起来|下来|出来|完|好|掉|着|过)$/u },
  ],
  byLength: [
    { words: 6, completeness: { probability: 0.65, reason: 'clause' } },
    { words: 3, completeness: { probability: 0.55, reason: 'few-words' } },
    { words: 0, completeness: { probability: 0.4, reason: 'one-word' } },
  ],
};
