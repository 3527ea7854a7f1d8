import type { LanguageRules } from '../completeness-rules.ts';

const either = (lines: string) =>
  `(?:${lines
    .trim()
    .split(/\s*,\s*|\s*\n\s*/u)
    .filter(Boolean)
    .join('|')})`;

const shortAnswers = either(`
  yes,yeah,yep,yup,no,nope,nah,sure,okay,ok,right,correct,exactly,absolutely,definitely,of course,of course not,please,thanks,thank you,hello,hi,hey,bye,goodbye
  stop,wait,cancel,continue,go ahead,go on,never mind,not now,not really,not yet,maybe later,both,neither,none,nothing,all of them,that's right,that's it,that's all
  yes please,no thanks,no thank you,got it,i see,good morning,good night,good evening,pause,resume,skip,repeat,again,once more,louder,quieter,i don't know,me too
  i think so,i guess so,i hope so,sounds good,fine,great,perfect,cool,next,next one,the first one,the second one,the last one,why not,what,why,who,where,when
`);

/** What nobody ends with, but for the questions and commands before it. */
const trailing = either(`
  and,but,or,because,'cause,cause,so,then,if,when,while,although,though,unless,until,since,that,which,who,whose,with,without,for,from,to,of,in,on,at,by,about,into,onto
  than,as,like,the,a,an,my,your,his,her,its,our,their,this,these,those,some,any,every,each,very,really,just,also,only,is,are,was,were,am,be,been,being,will,would,could
  should,can,may,might,must,i'm,i'll,i'd,i've,you're,you'll,he's,she's,it's,we're,we'll,they're,there's,that's,what's,um,uh,uhm,umm,er,erm,hmm,well,let's,gonna,wanna
  not,don't,doesn't,didn't,can't,won't,isn't,aren't,between,through,after,before,plus,minus,versus,either,first,second,actually,basically,you know,i mean,kind of,sort of
  going,want,wants,need,needs,i think,i guess,i believe,i suppose,i was wondering,wondering,what about,how about,more,let me see,let me think,such as,for example,instead
  called,named,currently,extremely,particularly,especially,specifically,saying,telling,for instance,thanks to,has,have,had,do,does,did,says,said,tell me,give me,show me,remind me,turn,turn on,turn off,switch on,switch off,set,get,put,make,i,you,we,they,he,she
`);

const questionWords = "(?:what|where|who|whom|when|why|how|which|whose|what's|where's|who's|when's|how's|what're)";
const auxiliaries = either(`
  is,are,was,were,am,do,does,did,can,could,will,would,should,have,has,had,may,might,must,isn't,aren't,don't,doesn't,didn't,can't,couldn't,won't,wouldn't,shouldn't
`);
const verbs = either(`
  turn,switch,play,set,stop,open,close,start,call,send,tell,show,read,find,search,look,remind,add,remove,delete,increase,decrease,raise,lower,make,give,get,put,translate
  take,change,dim,lock,unlock,pause,resume,skip,sing,book,order,check,buy,explain,describe,list,write,wake,cancel,repeat,speak,say,help,navigate,record,save,choose
`);
const beforeCommand = '(?:(?:please|hey|okay|ok|now|then|just|can you|could you|would you|will you|i want you to|go ahead and) )*';
const digit = '(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|\\d)';

/** English, as recognisers write it: mostly in lower case without punctuation. */
export const english: LanguageRules = {
  rules: [
    { reason: 'filler', probability: 0.1, pattern: /^(?:(?:um|uh|uhm|umm|er|erm|hmm|well|so|like|okay so|you know|i mean)[\s,]*)+$/u },
    { reason: 'short-answer', probability: 0.95, pattern: new RegExp(`^(?:(?:oh|um|uh|well|okay|ok) )?${shortAnswers}$`, 'u') },
    {
      reason: 'short-answer',
      probability: 0.95,
      pattern:
        /^(?:yes|yeah|no|nope) (?:i|it|he|she|we|they|you|that) (?:am|is|are|was|were|do|does|did|can|could|will|would|should|have|has|isn't|aren't|don't|doesn't|didn't|can't|won't|haven't)$/u,
    },
    {
      reason: 'opening',
      probability: 0.1,
      pattern: /^(?:can|could|would|will|do|did|are|have) (?:you|i|we)(?: please| just| maybe)?$|\bwould (?:you )?like$/u,
    },
    {
      reason: 'command',
      probability: 0.9,
      pattern:
        /\b(?:turn|switch|put|leave) (?:(?:it|that|this|them|everything)|(?:the|my|all|that|this)(?: \S+){1,4}) (?:on|off|up|down|in|away|back)$/u,
    },
    {
      reason: 'stranded-preposition',
      probability: 0.85,
      pattern: new RegExp(
        `^(?:(?:what|where|who|whom|which|whose) (?:\\S+ ){2,}|(?:what|where|who)'s (?:\\S+ )+|(?:when|why|how) ${auxiliaries} (?:\\S+ )+)(?:at|from|for|about|with|to|on|in|of|like)$`,
        'u',
      ),
    },
    // Words that nobody ends with, where everybody does.
    {
      reason: 'relative-clause',
      probability: 0.75,
      pattern:
        /\b(?:what|whatever|where|who|how|everything|anything|nothing|something|all|the (?:thing|one|way)|what (?:time|day|date|kind|size|color|colour)) (?:that )?(?:i|you|we|they|he|she|it|this|that) (?:said|says|have|had|has|do|did|does|want|wants|need|needs|is|are|was|were|am)$/u,
    },
    {
      reason: 'demonstrative',
      probability: 0.7,
      pattern:
        /\b(?:at|like|of|for|with|about|by|after|before|than|do|did|stop|want|love|hate|read|fix|repeat|explain|try|buy|take|get|play|delete|cancel|remember) (?:this|that|these|those)$/u,
    },
    {
      reason: 'object',
      probability: 0.75,
      pattern:
        /\b(?:love|miss|meet|see|hear|thank|help|call|for|about|with|to|of|from|understand|follow|believe|trust|hate|than|after|behind|without|how are|is it|is that|it's) you$/u,
    },
    {
      reason: 'adverb',
      probability: 0.8,
      pattern:
        /\b(?:hope|guess|why|maybe|probably|better|rather|think|afraid|certainly|or|if|absolutely|definitely) not$|\b(?:once|no|any|some|one|tell me|me|say|what|a bit|a little|much) more$|\b(?:a|one|per) second$|\b(?:so|neither|nor) (?:do|am|did|can|have|will|would) i$/u,
    },
    {
      reason: 'particle',
      probability: 0.8,
      pattern:
        /\b(?:going|come|came|carry|move|hang|hold|log|logged|let (?:me|him|her|them|us)|i'm|stay|check|drop) (?:on|in)$|^(?:is|are) the .+ (?:on|in)$/u,
    },
    { reason: 'month', probability: 0.8, pattern: /\b(?:of|in|next|last|this|late|early|mid|\d+(?:st|nd|rd|th)?) may$/u },
    {
      reason: 'open-noun',
      probability: 0.2,
      pattern:
        /\bthe (?:nearest|closest|latest|biggest|whole|new|only|main|most)$|\b(?:my|your|his|her|our|their) (?:favorite|favourite|own|new|old|best|next|last|first)$/u,
    },
    {
      reason: 'verb-without-object',
      probability: 0.25,
      pattern:
        /\b(?:send|give|tell|buy|show|lend|remind) (?:my|your|his|her|our|their) (?:boss|wife|husband|mother|father|mom|mum|dad|friend|girlfriend|boyfriend|son|daughter|brother|sister|colleague|teacher|doctor)$/u,
    },
    {
      reason: 'open-phrase',
      probability: 0.25,
      pattern: /^(?:apart from|except for|instead of|besides|according to|in addition to|as for|regarding)(?: \S+){1,4}$/u,
    },
    // The reason alone: it may be the answer to a question, so the wait is not the longest.
    {
      reason: 'open-reason',
      probability: 0.35,
      pattern: /^because (?!.*\b(?:so|then|therefore|i want|i need|could you|can you|please)\b).+/u,
    },
    {
      reason: 'open-verb',
      probability: 0.25,
      pattern:
        /^(?!.*\b(?:what|that|which|who|where|how|whatever|everything|all)\b).*\b(?:i|we|he|she|they|you|and|just|then) (?:(?:have |had |'ve )?(?:always |really |never )?(?:wanted|needed|tried|decided)|bought|brought|took|found|gave|told|met|visited|saw|received|ordered|asked|invited|used|kept|sent|built|(?:gave|showed|sent|brought|handed) (?:me|us|him|her|them))$/u,
    },
    {
      reason: 'wh-question',
      probability: 0.88,
      pattern: new RegExp(
        `^${questionWords} (?:\\S+ )?(?:is|are|was|were|does|do|did) (?:this|that|these|those|you|he|she|they|it|i)$`,
        'u',
      ),
    },
    {
      reason: 'wh-question',
      probability: 0.88,
      pattern: new RegExp(`^${questionWords} (?:\\S+ )+(?:is|are|was) (?:it|he|she|they|this|that)$`, 'u'),
    },
    {
      reason: 'wh-question',
      probability: 0.88,
      pattern: new RegExp(`^${questionWords} (?:do|does|did|can|should|would) \\S+ (?:want|need|mean|think|do|have|get|say|make)$`, 'u'),
    },
    {
      reason: 'enumerating',
      probability: 0.2,
      pattern:
        /^(?:first|firstly|first of all|on the one hand|for one thing)\b(?!.*\b(?:then|second|secondly|next|finally|on the other hand|after that)\b).+/u,
    },
    { reason: 'trailing-word', probability: 0.1, pattern: new RegExp(`(?:^|[\\s,])${trailing}$`, 'u') },
    { reason: 'number', probability: 0.9, pattern: new RegExp(`(?:\\b${digit}\\b[\\s-]*){10,}$|\\d{10,}$`, 'u') },
    {
      reason: 'number-dictated',
      probability: 0.15,
      pattern: new RegExp(`(?:^|number is |code is |password is |pin is |phone is |zip is |it's |is )(?:\\b${digit}\\b[\\s-]*){2,9}$`, 'u'),
    },
    {
      reason: 'open-pair',
      probability: 0.2,
      pattern:
        /\bnot only\b(?!.*\b(?:but|also)\b)|\beither\b(?!.*\bor\b)(?=.* )|\bboth (?:the|my|a|of)\b(?!.*\band\b)|\bfrom (?:\S+ ?){1,3}to$/u,
    },
    {
      reason: 'open-condition',
      probability: 0.2,
      pattern:
        /^(?:if|unless|once|as soon as|whenever)\b(?!.*\b(?:then|will|would|can|could|should|what|please|turn|tell|call|send|stop|play|remind|wake|i'll|we'll|you'll|it'll|let|you must|never)\b).+/u,
    },
    {
      reason: 'open-clause',
      probability: 0.25,
      pattern:
        /^(?:although|though|even though|even if|while|since|after|before|when i|when we|when the|when you|until)\b(?!.*\b(?:then|will|would|can|could|should|please|turn|tell|call|remind|play|i'll|we'll|is there)\b).+/u,
    },
    {
      reason: 'wh-question',
      probability: 0.9,
      pattern: new RegExp(`\\b${questionWords}(?: \\S+)*? ${auxiliaries}\\b(?: \\S+)+|^(?:what's|where's|who's|when's|how's) \\S+.*`, 'u'),
    },
    {
      reason: 'wh-question',
      probability: 0.85,
      pattern: /^(?:how (?:many|much|long|far|old|about|come)|what about|what kind of|which) \S+.*/u,
    },
    { reason: 'question-form', probability: 0.88, pattern: new RegExp(`^(?:and |so |but )?${auxiliaries} \\S+ \\S+`, 'u') },
    { reason: 'command', probability: 0.88, pattern: new RegExp(`^${beforeCommand}${verbs}(?: \\S+){2,}$`, 'u') },
    {
      reason: 'command',
      probability: 0.75,
      pattern: new RegExp(
        `^${beforeCommand}(?:play|open|close|stop|start|call|show|check|cancel|translate|describe|explain|find|read|repeat|help) \\S+$`,
        'u',
      ),
    },
    { reason: 'verb-without-object', probability: 0.2, pattern: new RegExp(`^${beforeCommand}${verbs}$`, 'u') },
  ],
  byLength: [
    { words: 5, completeness: { probability: 0.65, reason: 'clause' } },
    { words: 3, completeness: { probability: 0.58, reason: 'few-words' } },
    { words: 2, completeness: { probability: 0.5, reason: 'two-words' } },
    { words: 0, completeness: { probability: 0.4, reason: 'one-word' } },
  ],
};
